"use strict";
// Sorting by a column; a second press turns the order round. Numbers start with the highest.

const table = document.getElementById("exams");
const headings = table ? [...table.tHead.rows[1].cells] : [];

function sortBy(heading) {
  const column = headings.indexOf(heading), byName = column === 0;
  const was = heading.getAttribute("aria-sort");
  const order = was ? (was === "ascending" ? "descending" : "ascending") : (byName ? "ascending" : "descending");
  headings.forEach((one) => one.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", order);
  const key = (row) => row.cells[column].dataset.sort;
  const compare = (a, b) => byName
    ? key(a).localeCompare(key(b), undefined, { numeric: true })
    : Number(key(a)) - Number(key(b));
  const rows = [...table.tBodies[0].rows].sort((a, b) => order === "ascending" ? compare(a, b) : compare(b, a));
  table.tBodies[0].append(...rows);
}

headings.forEach((heading) => heading.querySelector("button").addEventListener("click", () => sortBy(heading)));
