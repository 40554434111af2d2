/* The print button of pages made for paper; without this file the browser's own menu prints. */
(function () {
  "use strict";

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
})();
