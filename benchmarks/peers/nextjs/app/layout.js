export default ({ children }) => (
  <html lang="en"><body>
    <header><a href="/">Home</a> <a href="/people">People</a> <a href="/sign-in">Sign in</a></header>
    {children}
    <footer><a href="/help">Help</a></footer>
  </body></html>
);
