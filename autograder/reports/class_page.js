for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => head.querySelector("button").addEventListener("click", () => {
    const numeric = head.classList.contains("number");
    const sorted = head.getAttribute("aria-sort");
    const up = sorted ? sorted === "descending" : !numeric;
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const value = row => row.cells[place].dataset.value ?? row.cells[place].textContent;
    const number = row => value(row) === "" ? -Infinity : Number(value(row));
    const order = (a, b) => numeric ? number(a) - number(b) : value(a).localeCompare(value(b));
    table.tBodies[0].append(...[...table.tBodies[0].rows].sort((a, b) => up ? order(a, b) : order(b, a)));
  }));
}
