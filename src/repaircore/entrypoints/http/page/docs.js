"use strict";

// Reads /openapi.json and lets one read and try every operation. Text is only ever set as text, never as markup.

const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

const typeOf = (schema, components) => {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf || schema.allOf) return (schema.anyOf || schema.allOf).map((one) => typeOf(one, components)).join(" or ");
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.type === "array") return `list of ${typeOf(schema.items, components)}`;
  return schema.format ? `${schema.type} (${schema.format})` : schema.type || "anything";
};

const fieldsTable = (schema, components) => {
  const named = schema.$ref ? components[schema.$ref.split("/").pop()] : schema;
  if (named.enum) return make("p", {}, named.enum.join(" | "));
  if (!named.properties) return make("p", {}, typeOf(schema, components));
  const required = new Set(named.required || []);
  const rows = Object.entries(named.properties).map(([name, field]) =>
    make("tr", {}, make("td", {}, make("code", {}, name)), make("td", {}, typeOf(field, components)), make("td", {}, required.has(name) ? "always" : "optional")));
  const head = make("tr", {}, make("th", { scope: "col" }, "field"), make("th", { scope: "col" }, "type"), make("th", { scope: "col" }, "there"));
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
};

const jsonOf = (content) => content && content["application/json"];

const answers = (operation, components) => {
  const list = make("ul");
  for (const [status, response] of Object.entries(operation.responses)) {
    const item = make("li", {}, make("strong", {}, status), ` ${response.description}`);
    const media = jsonOf(response.content);
    if (media) item.append(make("details", {}, make("summary", {}, typeOf(media.schema, components)), fieldsTable(media.schema, components)));
    list.append(item);
  }
  return list;
};

const tryForm = (method, path, operation, prefix) => {
  const form = make("form");
  const inputs = [];
  for (const parameter of operation.parameters || []) {
    const id = `${prefix}-${parameter.in}-${parameter.name}`;
    const input = make("input", { id, autocomplete: "off" });
    if (parameter.required) input.required = true;
    form.append(make("label", { for: id }, `${parameter.name} (${parameter.in}${parameter.required ? ", required" : ""})`), input);
    inputs.push([parameter, input]);
  }
  let body = null;
  if (operation.requestBody) {
    const media = jsonOf(operation.requestBody.content);
    body = make("textarea", { id: `${prefix}-body`, rows: "8", spellcheck: "false" });
    body.value = media.example ? JSON.stringify(media.example, null, 2) : "";
    form.append(make("label", { for: `${prefix}-body` }, "body (JSON)"), body);
  }
  const result = make("pre", { "aria-live": "polite", tabindex: "0" }, "No answer yet.");
  form.append(make("button", { type: "submit" }, `Send ${method}`), result);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    result.textContent = "Waiting…";
    try {
      result.textContent = await send(method, path, inputs, body);
    } catch (error) {
      result.textContent = String(error);
    }
  });
  return form;
};

const send = async (method, path, inputs, body) => {
  const headers = {};
  const query = new URLSearchParams();
  let target = path;
  for (const [parameter, input] of inputs) {
    if (!input.value) continue;
    if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (parameter.in === "query") query.set(parameter.name, input.value);
    else headers[parameter.name] = input.value;
  }
  const token = document.getElementById("token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  const request = { method, headers };
  if (body && body.value.trim()) {
    request.body = body.value;
    headers["Content-Type"] = "application/json";
  }
  const response = await fetch(query.toString() ? `${target}?${query}` : target, request);
  const told = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const text = await response.text();
  let shown = text;
  if ((response.headers.get("content-type") || "").includes("json")) shown = JSON.stringify(JSON.parse(text), null, 2);
  return `${response.status} ${response.statusText}\n${told}\n\n${shown}`;
};

const show = (description) => {
  const components = description.components.schemas;
  const main = document.getElementById("operations");
  document.getElementById("title").textContent = `${description.info.title} ${description.info.version}: the HTTP API`;
  document.getElementById("about").textContent = description.info.description;
  document.getElementById("about").className = "about";
  const sections = new Map(description.tags.map((tag) => [tag.name, make("section", {}, make("h2", {}, tag.name))]));
  let number = 0;
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [verb, operation] of Object.entries(methods)) {
      const method = verb.toUpperCase();
      const title = make("summary", {}, make("span", { class: "method" }, method), make("code", { class: "path" }, path), ` ${operation.summary}`);
      const entry = make("details", { class: "operation" }, title, make("p", { class: "about" }, operation.description));
      const media = operation.requestBody && jsonOf(operation.requestBody.content);
      if (media && media.schema.$ref) entry.append(make("h3", {}, "Body"), fieldsTable(media.schema, components));
      entry.append(make("h3", {}, "Answers"), answers(operation, components), make("h3", {}, "Try it"), tryForm(method, path, operation, `o${number++}`));
      sections.get(operation.tags[0]).append(entry);
    }
  }
  main.replaceChildren(...sections.values());
};

document.getElementById("credential").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("filter").addEventListener("input", (event) => {
  const wanted = event.target.value.toLowerCase();
  for (const entry of document.querySelectorAll(".operation")) entry.hidden = !entry.textContent.toLowerCase().includes(wanted);
});

fetch("/openapi.json")
  .then((response) => response.json())
  .then(show)
  .catch((error) => { document.getElementById("about").textContent = `The description cannot be read: ${error}`; });
