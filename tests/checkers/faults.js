// What no page may have, without scripts: evaluated in each page by test_crawl.py; every entry is a sentence.
() => {
    const found = [];
    const has = form => form && form.querySelector("button:not([type=button]):not([type=reset]),input[type=submit]");
    const verbs = ["get", "post", "put", "patch", "delete"].flatMap(verb => [`[hx-${verb}]`, `[data-hx-${verb}]`]).join(",");
    for (const e of document.querySelectorAll(verbs))
        if (!e.getAttribute("href") && !has(e.closest("form"))) found.push(`acts only with scripts: ${e.outerHTML}`);
    for (const a of document.querySelectorAll("a"))
        if (!a.getAttribute("href") || /^(javascript:|#$)/i.test(a.getAttribute("href"))) found.push(`leads nowhere: ${a.outerHTML}`);
    for (const a of document.querySelectorAll("a[href^='#']"))
        if (!document.querySelector(a.getAttribute("href"))) found.push(`leads to no element: ${a.outerHTML}`);
    for (const form of document.forms) {
        if (!["get", "post"].includes(form.method)) found.push(`method ${form.method}`);
        if (!has(form)) found.push(`form without a button: ${form.outerHTML.slice(0, 90)}`);
        if (form.method == "post" && !form.elements.csrf_token) found.push(`form without a token: ${form.outerHTML.slice(0, 90)}`);
    }
    for (const c of document.querySelectorAll("input:not([type=hidden],[type=submit]),select,textarea"))
        if (!c.labels.length && !c.ariaLabel) found.push(`no label: ${c.outerHTML}`);
    for (const e of document.querySelectorAll("*")) for (const a of e.attributes)
        if (/^on[a-z]+$/.test(a.name) || a.name == "style") found.push(`inline ${a.name}: ${e.outerHTML.slice(0, 90)}`);
    for (const s of document.querySelectorAll("script:not([src])"))
        if (!/json/.test(s.type)) found.push(`inline script: ${s.outerHTML.slice(0, 90)}`);
    return found;
}
