// Light or dark: as the system says, until somebody chooses; the choice is kept where the browser allows it.

const THEME = 'rbaclens-theme'
const DARK = matchMedia('(prefers-color-scheme: dark)')

function stored() {
  try {
    return localStorage.getItem(THEME)
  } catch {
    return null
  }
}

export function isDark() {
  const chosen = document.documentElement.dataset.theme
  return chosen ? chosen === 'dark' : DARK.matches
}

export function initTheme(changed) {
  const known = stored()
  if (known === 'dark' || known === 'light') document.documentElement.dataset.theme = known
  DARK.addEventListener('change', changed)
}

export function toggleTheme() {
  const next = isDark() ? 'light' : 'dark'
  document.documentElement.dataset.theme = next
  try {
    localStorage.setItem(THEME, next)
  } catch {
    // A browser that keeps nothing for files still shows the theme until the page is closed.
  }
}
