"use strict";

// Reads this very address as data and shows it. Text is only ever set as text, never as markup.

const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

const money = ({ amount, currency }) => {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
};

const when = (text) => new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

const row = (name, value) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value));

const token = location.pathname.split("/").pop();

const pay = async (booking, purpose, said) => {
  said.textContent = "One moment…";
  const response = await fetch(`/v1/bookings/${booking.booking_id}/payments`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ purpose, return_url: location.href }),
  });
  const answer = await response.json();
  if (response.ok && answer.next_action.url) location.assign(answer.next_action.url);
  else said.textContent = answer.detail || "Nothing more has to be done now.";
};

const payment = (booking) => {
  const purpose = booking.deposit.status === "due" ? "deposit" : booking.due.amount > 0 ? "balance" : null;
  if (!purpose) return [];
  const amount = purpose === "deposit" ? booking.deposit.amount : booking.due;
  const said = make("p", { role: "status" });
  const button = make("button", { type: "button" }, `Pay the ${purpose}: ${money(amount)}`);
  button.addEventListener("click", () => pay(booking, purpose, said).catch((error) => { said.textContent = String(error); }));
  return [button, said];
};

const show = (booking) => {
  const lines = booking.lines.map((line) => row(line.quantity > 1 ? `${line.quantity} × ${line.description}` : line.description, money(line.amount)));
  const taxes = booking.tax.map((tax) => row(`${tax.name} ${tax.rate} %${tax.inclusive ? " (included)" : ""}`, money(tax.amount)));
  const sums = [row("Total", money(booking.total)), row("Paid", money(booking.paid)), row("Due", money(booking.due))];
  const steps = booking.steps.map((step) => make("li", {}, make("time", { datetime: step.at }, when(step.at)), ` ${step.title}`));
  const shop = [booking.shop.name, booking.shop.phone, booking.shop.email].filter(Boolean).join(" · ");
  document.title = `${booking.reference}: your repair`;
  return [
    make("h1", {}, `Your ${booking.device}`),
    make("p", {}, make("strong", {}, booking.status.replaceAll("_", " ")), ` · reference ${booking.reference}`),
    ...(booking.slot_start ? [make("p", {}, `Appointment: ${when(booking.slot_start)}`)] : []),
    make("h2", {}, "What happened"), make("ol", {}, ...steps),
    make("h2", {}, "What it costs"), make("table", {}, make("tbody", {}, ...lines, ...taxes, ...sums)),
    ...payment(booking),
    make("h2", {}, "Questions?"), make("p", {}, shop),
  ];
};

const main = document.getElementById("booking");
fetch(location.pathname, { headers: { Accept: "application/json" } })
  .then(async (response) => [response.ok, await response.json()])
  .then(([ok, answer]) => main.replaceChildren(...(ok ? show(answer) : [make("h1", {}, "Your repair"), make("p", {}, answer.detail)])))
  .catch((error) => main.replaceChildren(make("p", {}, `This cannot be shown now: ${error}`)))
  .finally(() => main.setAttribute("aria-busy", "false"));
