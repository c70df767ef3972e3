extension DocumentationPage {
    /// Pairs of colors have a contrast of at least 4.5, light and dark (WCAG 2.2 §1.4.3).
    static let style = """
        :root {
            color-scheme: light dark;
            --back: #fff; --text: #1b1f24; --quiet: #57606a; --line: #d5dae0; --panel: #f3f5f7; --link: #0b5cad;
            --get: #1a6f43; --post: #0b5cad; --change: #8a4b00; --delete: #b3261e;
        }
        @media (prefers-color-scheme: dark) {
            :root {
                --back: #14171b; --text: #e6e9ec; --quiet: #a3adb8; --line: #353c44; --panel: #1e2329; --link: #7cb7ff;
            }
        }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        html { scroll-padding-top: 5rem; }
        body {
            margin: 0; background: var(--back); color: var(--text); line-height: 1.55;
            font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
            overflow-wrap: anywhere;
        }
        a { color: var(--link); }
        code, pre { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em; }
        p, dd { max-width: 46rem; }
        header {
            position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .25rem 2rem;
            align-items: center; justify-content: space-between; padding: .75rem 1.5rem;
            background: var(--back); border-bottom: 1px solid var(--line);
        }
        h1 { font-size: 1.25rem; margin: 0; }
        h1 small { color: var(--quiet); font-weight: normal; font-size: .875rem; }
        .filter { margin: 0; flex: 0 1 26rem; }
        .filter label { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
        .filter input {
            width: 100%; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--panel);
            border: 1px solid var(--quiet); border-radius: .375rem;
        }
        .filter input::placeholder { color: var(--quiet); opacity: 1; }
        .columns { display: grid; grid-template-columns: 15rem minmax(0, 1fr); max-width: 82rem; margin: 0 auto; }
        nav {
            position: sticky; top: 4rem; align-self: start; max-height: calc(100vh - 4rem); overflow-y: auto;
            padding: 1rem 0 2rem 1.5rem; font-size: .875rem;
        }
        nav h2 { font-size: .875rem; margin: 1rem 0 .25rem; }
        nav h2 a { color: inherit; text-decoration: none; }
        nav ul { list-style: none; margin: 0; padding: 0; }
        nav li a { display: block; padding: .125rem 0; color: var(--quiet); text-decoration: none; }
        nav a:hover { color: var(--link); text-decoration: underline; }
        main { padding: 1rem 1.5rem 6rem; min-width: 0; }
        main h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; }
        h4 { font-size: .875rem; margin: 1.25rem 0 .25rem; }
        .operation { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
        .operation > summary {
            display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; cursor: pointer;
            padding: .5rem .75rem; list-style: none;
        }
        .operation > summary::-webkit-details-marker { display: none; }
        .operation > summary:hover { background: var(--panel); border-radius: .5rem; }
        .operation[open] > summary { border-bottom: 1px solid var(--line); }
        .operation .about { color: var(--quiet); margin-left: auto; }
        .operation .body { padding: 0 .75rem .75rem; }
        .method {
            flex: none; width: 4.25rem; padding: .125rem 0; border-radius: .25rem; background: var(--change);
            color: #fff; text-align: center; font-size: .75rem; font-weight: 600;
        }
        .method.get { background: var(--get); }
        .method.post { background: var(--post); }
        .method.delete { background: var(--delete); }
        pre {
            margin: .5rem 0; padding: .75rem; background: var(--panel); border-radius: .375rem;
            white-space: pre-wrap; max-height: 32rem; overflow-y: auto;
        }
        .command { position: relative; }
        .command pre { padding-right: 6rem; }
        .command button {
            position: absolute; top: .5rem; right: 1.25rem; padding: .25rem .625rem; font: inherit; font-size: .8125rem;
            color: var(--text); background: var(--back); border: 1px solid var(--quiet); border-radius: .25rem;
            cursor: pointer;
        }
        dl {
            display: grid; grid-template-columns: minmax(8rem, 16rem) minmax(0, 1fr); margin: .25rem 0;
            border-top: 1px solid var(--line);
        }
        dt, dd { margin: 0; padding: .375rem 0; border-bottom: 1px solid var(--line); max-width: none; }
        dt { padding-right: 1rem; }
        dt b { font-size: .75rem; font-weight: 600; color: var(--delete); }
        .type, .case { display: block; color: var(--quiet); font-size: .8125rem; }
        .case { color: var(--text); }
        @media (prefers-color-scheme: dark) { dt b { color: #ff9d94; } }
        @media (max-width: 56rem) {
            .columns { display: block; }
            nav { display: none; }
            header, main { padding-left: 1rem; padding-right: 1rem; }
            html { scroll-padding-top: 7.5rem; }
            .filter { flex: 1 1 100%; }
            .operation .about { margin-left: 0; flex-basis: 100%; }
            dl { display: block; }
            dt { border-bottom: 0; padding-bottom: 0; }
            dd { padding-top: 0; }
        }
        @media print { header { position: static; } nav, button { display: none; } }
        """

    /// Finds operations, copies commands, and opens what an address names. Without it the page can still be read.
    static let script = #"""
        const operations = [...document.querySelectorAll(".operation")];
        const groups = [...document.querySelectorAll(".group")];
        const filter = document.getElementById("filter");
        const parts = "summary, p, h4, dt, dd, pre";
        const text = (operation) => [...operation.querySelectorAll(parts)].map((part) => part.textContent).join("\n");
        let texts;
        // Where a word begins so: punctuation counts within it, at its ends it does not.
        const pattern = (word) =>
            new RegExp(`(?<![\\p{L}\\p{N}])${word.replace(/[\\^$.*+?()[\]{}|\/]/g, "\\$&")}`, "u");
        filter.parentElement.hidden = false;
        filter.addEventListener("input", () => {
            const given = filter.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
            const words = given.map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""));
            const patterns = words.filter((word) => word !== "").map(pattern);
            const isVain = given.length > 0 && patterns.length === 0;
            texts ??= operations.map((operation) => text(operation).toLowerCase());
            operations.forEach((operation, index) => {
                operation.hidden = isVain || !patterns.every((pattern) => pattern.test(texts[index]));
            });
            for (const group of groups) group.hidden = !group.querySelector(".operation:not([hidden])");
            for (const intro of document.querySelectorAll(".intro")) intro.hidden = given.length > 0;
            document.querySelector(".none").hidden = operations.some((operation) => !operation.hidden);
        });
        for (const button of document.querySelectorAll(".command button")) {
            button.hidden = !navigator.clipboard;
            button.addEventListener("click", async () => {
                await navigator.clipboard.writeText(button.nextElementSibling.textContent);
                button.textContent = "Copied";
                setTimeout(() => { button.textContent = "Copy"; }, 1500);
            });
        }
        function open() {
            const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
            if (!named) return;
            if (named.closest("[hidden]")) { filter.value = ""; filter.dispatchEvent(new Event("input")); }
            if (named.matches("details")) named.open = true;
            named.scrollIntoView();
        }
        addEventListener("hashchange", open);
        open();
        """#
}
