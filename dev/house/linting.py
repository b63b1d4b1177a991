"""dev/lint: what every file of the repository must look like."""

import argparse
import re
import subprocess
import xml.parsers.expat

from . import core, database, testing

INDENT = 4


def lint(arguments):
    parser = argparse.ArgumentParser(prog="dev/lint", description="Check the form of all files.")
    parser.add_argument("--fix", action="store_true", help="mend what can be mended mechanically")
    options = parser.parse_args(arguments)
    return check(database.House("test"), options.fix)


def check(house, fix=False):
    """Run all checks, print every complaint; 0 when there is none."""
    core.say("Linting" + (" and mending" if fix else ""))
    ruff = [house.python, "-m", "ruff"]
    # pylint-odoo finds the addon by its manifest and wants to see its real name.
    pylint = [house.python, "-m", "pylint", f"--rcfile={core.ROOT}/pyproject.toml", "--jobs=0"]
    pylint += [f"--manifest-required-authors={database.manifest()['author']}"]
    failed = [
        _tool("ruff format", [*ruff, "format", *([] if fix else ["--check"]), "."], core.ROOT),
        _tool("ruff check", [*ruff, "check", *(["--fix"] if fix else []), "."], core.ROOT),
        _tool("pylint-odoo", [*pylint, "--ignore=tests", core.ADDON], core.LINK.parent),
        # the texts of tests are not translated
        _tool(
            "pylint-odoo, tests",
            [*pylint, "--disable=translation-required", f"{core.ADDON}/tests"],
            core.LINK.parent,
        ),
        _own("XML", xml_complaints(fix)),
        _own("tests listed in tests/__init__.py", testing.unlisted_tests()),
        _own("text files", text_complaints()),
    ]
    if any(failed):
        core.say("  Lint found faults; dev/lint --fix mends the mechanical ones.")
    return int(any(failed))


def _tool(name, command, cwd):
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=core.clean_env(), capture_output=True, text=True, check=False
    )
    core.say(f"  {name}: {'ok' if done.returncode == 0 else 'FAILED'}")
    if done.returncode:
        core.say((done.stdout + done.stderr).rstrip())
    return done.returncode


def _own(name, complaints):
    core.say(f"  {name}: {'FAILED' if complaints else 'ok'}")
    for complaint in complaints:
        core.say(f"    {complaint}")
    return bool(complaints)


def files(*patterns):
    """Tracked and new files, without ignored ones."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns],
        cwd=core.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        names = filter(None, listed.stdout.split("\0"))
    else:  # an exported tree
        names = (
            str(path.relative_to(core.ROOT))
            for pattern in patterns
            for path in core.ROOT.rglob(pattern)
            if ".odoo" not in path.parts
        )
    return sorted(path for path in {core.ROOT / name for name in names} if path.is_file())


# -- XML -------------------------------------------------------------------------


def xml_complaints(fix=False):
    """Well-formed, and indented by four spaces for each level."""
    complaints = []
    for path in files("*.xml"):
        text = path.read_text()
        name = path.relative_to(core.ROOT)
        try:
            lines = wrong_indents(text)
        except xml.parsers.expat.ExpatError as error:
            complaints.append(f"{name}:{error.lineno}: {xml.parsers.expat.errors.messages[error.code]}")
            continue
        tabs = [i for i, line in enumerate(text.split("\n"), 1) if re.match(r"\s*\t", line)]
        trailing = [i for i, line in enumerate(text.split("\n"), 1) if line != line.rstrip()]
        if fix and (lines or trailing):
            path.write_text(indented(text, lines))
            continue
        complaints += [
            f"{name}:{line}: indented by {had}, not {want}" for line, (had, want, _) in lines.items()
        ]
        complaints += [f"{name}:{line}: a tab in the indentation" for line in tabs]
        complaints += [f"{name}:{line}: spaces at the end" for line in trailing]
    return complaints


def wrong_indents(text):
    """Lines that begin with a tag or comment at the wrong column: {line: (had, want, last line)}."""
    parser = xml.parsers.expat.ParserCreate()
    lines = text.split("\n")
    depth = 0
    keep = []  # inside <pre> and xml:space="preserve" the spaces are content
    wrong = {}

    def look(level):
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber
        before = lines[line - 1][:column]
        if before.strip() or keep:
            return
        if column != level * INDENT:
            wrong.setdefault(line, (column, level * INDENT, line))

    def start(name, attributes):
        nonlocal depth
        look(depth)
        if name in ("pre", "textarea") or attributes.get("xml:space") == "preserve":
            keep.append(depth)
        depth += 1

    def end(_name):
        nonlocal depth
        depth -= 1
        if keep and keep[-1] == depth:
            keep.pop()
        elif not keep:
            line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber
            if lines[line - 1][column : column + 2] == "</":
                look(depth)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CommentHandler = lambda _text: look(depth)
    parser.Parse(text, True)
    return wrong


def indented(text, wrong):
    """The text with the wrong lines moved, and with each the lines its tag goes on over."""
    lines = text.split("\n")
    moved = {}
    shift = 0
    starts = {number for number, line in enumerate(lines, 1) if line.lstrip().startswith("<")}
    for number, line in enumerate(lines, 1):
        if number in wrong:
            had, want, _ = wrong[number]
            shift = want - had
        elif number in starts:
            shift = 0
        if shift and line.strip():
            width = len(line) - len(line.lstrip())
            moved[number] = " " * max(0, width + shift) + line.lstrip()
    return "\n".join(moved.get(number, line).rstrip() for number, line in enumerate(lines, 1))


# -- all text files ----------------------------------------------------------------


def text_complaints():
    """No line that betrays a merge, no missing end of line, commands that can be run."""
    complaints = []
    for path in files(
        "*.py", "*.xml", "*.js", "*.scss", "*.csv", "*.md", "*.toml", "*.po", "*.pot", "dev/*", ".ci/*"
    ):
        name = path.relative_to(core.ROOT)
        if path.suffix == ".xz":
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            complaints.append(f"{name}: not UTF-8")
            continue
        if text and not text.endswith("\n"):
            complaints.append(f"{name}: no end of line at the end of the file")
        if re.search(r"^(<{7}|>{7}) ", text, re.M):
            complaints.append(f"{name}: an unfinished merge")
        if text.startswith("#!") and not path.stat().st_mode & 0o100:
            complaints.append(f"{name}: a command that is not executable (chmod +x)")
    return complaints
