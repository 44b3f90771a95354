// Before the first paint: the theme that was chosen, or the system's. Mantine reads the same key.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('preloop-theme');
  } catch (error) {
    // No storage: the system's theme.
  }
  var dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
