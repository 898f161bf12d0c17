// Sets the theme before the first paint: a classic script, so that it runs before the page is drawn.
try {
  const theme = localStorage.getItem('cadence.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme is then what there is.
}
