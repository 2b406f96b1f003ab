# SPDX-License-Identifier: MIT
"""Editors: whatever they do besides to be safe, a save is one write of one field."""

import ctypes
import mmap
import os
import subprocess
import sys

import pytest

from harness.programs import Terminal, environment, need, succeeds

# What is mounted is under /tmp, where vim and emacs by default take no care of files.
VIM = ["vim", "-u", "NONE", "-i", "NONE", "-N", "--cmd", "set backupskip="]
EVERYWHERE = "(setq backup-enable-predicate (lambda (name) t))"
SUBSTITUTE = "%s/Ghent/Namur/"


def vim(tmp_path, path, *commands: str, check: bool = True) -> subprocess.CompletedProcess:
    """Ex commands, one after another, without a terminal."""
    need("vim")
    arguments = [x for command in commands for x in ("-c", command)]
    done = subprocess.run([*VIM, "-es", *arguments, str(path)], cwd=tmp_path,
                          env=environment(tmp_path), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60)
    assert not check or done.returncode == 0, (done.stdout, done.stderr)
    return done


@pytest.mark.parametrize("swap", ["swapfile", "noswapfile"])
@pytest.mark.parametrize("writebackup", ["writebackup", "nowritebackup"])
@pytest.mark.parametrize("copy", ["yes", "no", "auto"])
def test_vim(bench, tmp_path, copy, writebackup, swap):
    desk = bench()
    vim(tmp_path, desk.path, f"set {swap} directory=. updatecount=1",
        f"set backupcopy={copy} {writebackup}", SUBSTITUTE, "preserve" if swap == "swapfile"
        else "echo", "write", "quit")
    desk.check_saved({"city": "Namur"})
    assert not os.path.lexists(desk.directory / f".{desk.number}.json.swp")


@pytest.mark.parametrize("copy", ["yes", "no", "auto"])
def test_vim_with_a_backup(bench, tmp_path, copy):
    desk = bench()
    backup = desk.directory / f"{desk.number}.json~"
    vim(tmp_path, desk.path, f"set backup backupcopy={copy} backupdir=.", SUBSTITUTE, "wq")
    desk.check_saved({"city": "Namur"}, left=[backup.name])
    assert backup.read_bytes() == desk.text
    backup.unlink()
    desk.check_saved({"city": "Namur"})


@pytest.mark.parametrize("copy", ["yes", "no"])
def test_vim_saves_again_and_again(bench, tmp_path, copy):
    """One session, three saves, each of what is new in it."""
    desk = bench()
    vim(tmp_path, desk.path, f"set backupcopy={copy}", SUBSTITUTE, "write",
        "%s/Namur/Liège/", "write", r'%s/"color": 3/"color": 4/', "write", "write", "quit")
    assert [change[3] for change in desk.tap.changes()] == [
        {"city": "Namur"}, {"city": "Liège"}, {"color": 4}]
    assert desk.changed() == {"city": "Liège", "color": 4}
    desk.check_shown()
    assert desk.others() == []


def test_vim_without_a_change(bench, tmp_path):
    desk = bench()
    vim(tmp_path, desk.path, "write", "write", "quit")
    desk.check_untouched()


@pytest.mark.parametrize("copy", ["yes", "no", "auto"])
def test_vim_hears_what_is_wrong(bench, tmp_path, copy):
    """And the record is as it was, whatever vim moved about before and after."""
    desk = bench()
    done = vim(tmp_path, desk.path, f"set backupcopy={copy}", 'silent! %s/"Ghent",/Ghent/',
               "write", "cquit 7", check=False)
    assert done.returncode != 0
    assert desk.tap.changes() == []
    assert desk.changed() == {}
    assert desk.path.read_bytes() == desk.text
    assert "Ghent" in desk.last_error()["message"]


def test_vim_on_a_terminal(bench, tmp_path):
    need("vim")
    desk = bench()
    terminal = Terminal([*VIM, "--cmd", "set directory=. updatecount=1", str(desk.path)],
                        tmp_path)
    terminal.wait_for(b"Ghent")
    terminal.press([":", f"{SUBSTITUTE}\r", "iX", "\x1b", "u", ":w\r", ":q\r"])
    assert terminal.end() == 0
    desk.check_saved({"city": "Namur"})
    assert not os.path.lexists(desk.directory / f".{desk.number}.json.swp")


def test_vim_warns_of_a_swap_file(bench, tmp_path):
    """Two editors on one mount know of each other as on a disk."""
    need("vim")
    desk = bench()
    first = Terminal([*VIM, "--cmd", "set directory=. updatecount=1", str(desk.path)], tmp_path)
    first.wait_for(b"Ghent")
    first.press(["iX", "\x1b", "u", ":preserve\r"])
    first.settle()
    second = Terminal([*VIM, "--cmd", "set directory=.", str(desk.path)], tmp_path)
    second.wait_for(b"ATTENTION")
    second.press(["q"])
    second.end()
    first.press([":q!\r"])
    assert first.end() == 0
    desk.check_untouched()


EMACS = {
    "as it is": "",
    "backup by copying": "(setq backup-by-copying t)",
    "no backup": "(setq make-backup-files nil)",
    "precious": "(setq file-precious-flag t make-backup-files nil)",
    "fsync": "(setq write-region-inhibit-fsync nil make-backup-files nil)",
    "no locks": "(setq create-lockfiles nil make-backup-files nil)",
    "numbered backups": "(setq version-control t)",
    "autosaved before": "(setq make-backup-files nil auto-save-default t)",
}


def emacs(tmp_path, path, settings: str, edits: str) -> None:
    """Visit the file and carry out what is written in Lisp."""
    need("emacs")
    script = tmp_path / "edit.el"
    script.write_text(f'{EVERYWHERE}\n{settings}\n(find-file "{path}")\n{edits}\n')
    succeeds("emacs --batch -Q -l edit.el", tmp_path)


REPLACE = '(while (search-forward "Ghent" nil t) (replace-match "Namur" t t))'


@pytest.mark.parametrize("how", EMACS)
def test_emacs(bench, tmp_path, how):
    desk = bench()
    autosave = "(do-auto-save)" if how == "autosaved before" else ""
    emacs(tmp_path, desk.path, EMACS[how], f"{REPLACE} {autosave} (save-buffer)")
    left = {"as it is": ["~"], "backup by copying": ["~"],
            "numbered backups": [".~1~"]}.get(how, [])
    names = [f"{desk.number}.json{suffix}" for suffix in left]
    desk.check_saved({"city": "Namur"}, left=names)
    for name in names:
        assert (desk.directory / name).read_bytes() == desk.text
    assert not os.path.lexists(desk.directory / f".#{desk.number}.json")
    assert not os.path.lexists(desk.directory / f"#{desk.number}.json#")


def test_emacs_saves_again_and_again(bench, tmp_path):
    desk = bench()
    emacs(tmp_path, desk.path, "", r"""
        (dolist (to (list "Namur" "Mons" "Spa"))
          (goto-char (point-min))
          (re-search-forward "\"city\": \"\\([A-Za-z]*\\)\"")
          (replace-match to t t nil 1)
          (save-buffer))""")
    assert [change[3]["city"] for change in desk.tap.changes()] == ["Namur", "Mons", "Spa"]
    assert desk.changed() == {"city": "Spa"}
    desk.check_shown()
    assert desk.others() == [f"{desk.number}.json~"]


@pytest.mark.parametrize("options", [[], ["-B"], ["-G"], ["-B", "-G"], ["-L"]],
                         ids=["plain", "backup", "lock", "backup and lock", "no newline"])
def test_nano(bench, tmp_path, options):
    need("nano")
    desk = bench()
    terminal = Terminal(["nano", "-I", *options, str(desk.path)], tmp_path)
    terminal.wait_for(b"Ghent")
    terminal.press(["\x1c", "Ghent\r", "Namur\r", "a", "\x0f", "\r", "\x18"])
    assert terminal.end() == 0
    left = [f"{desk.number}.json~"] if "-B" in options else []
    desk.check_saved({"city": "Namur"}, left=left)
    assert not os.path.lexists(desk.directory / f".{desk.number}.json.swp")


def test_nano_hears_what_is_wrong(bench, tmp_path):
    """And the user can go on in it, and save what is right."""
    need("nano")
    desk = bench()
    terminal = Terminal(["nano", "-I", str(desk.path)], tmp_path)
    terminal.wait_for(b"Ghent")
    terminal.press(["\x1c", '"Ghent"\r', "Namur\r", "a", "\x0f", "\r"])
    terminal.wait_for(b"Error writing")
    assert desk.tap.changes() == []
    terminal.press(["\x1c", "Namur\r", '"Namur"\r', "a", "\x0f", "\r"])
    terminal.settle()
    terminal.press(["\x18"])
    assert terminal.end() == 0
    assert desk.tap.changes() == [("res.partner", "write", [desk.number], {"city": "Namur"})]


# Python, and editors whose sequence of calls is replayed

def whole(fd: int, text: bytes) -> None:
    while text:
        text = text[os.write(fd, text):]


def python_w(path, text):
    with open(path, "wb") as file:
        file.write(text)


def python_r_plus(path, text):
    with open(path, "r+b") as file:
        file.read()
        file.seek(0)
        file.write(text)
        file.truncate()


def city_in(text):
    """Where it is, and what it is: five bytes, whichever of the two."""
    at = text.index(b'"city": "') + len(b'"city": "')
    return at, text[at:at + 5]


def python_part(path, text):
    at, city = city_in(text)
    with open(path, "r+b", buffering=0) as file:
        file.seek(at)
        file.write(city)


def python_byte_by_byte(path, text):
    with open(path, "wb", buffering=0) as file:
        for n in range(len(text)):
            file.write(text[n:n + 1])


def python_backwards(path, text):
    with open(path, "r+b", buffering=0) as file:
        file.truncate(len(text))
        for n in range(len(text) - 1, -1, -1):
            os.pwrite(file.fileno(), text[n:n + 1], n)


def python_fsync(path, text):
    """What is on the server by fsync isn't sent again by close."""
    with open(path, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def python_fdatasync_dup(path, text):
    with open(path, "wb") as file:
        file.write(text)
        file.flush()
        os.close(os.dup(file.fileno()))
        os.fdatasync(file.fileno())


def truncate_by_path(path, text):
    os.truncate(path, 0)
    with open(path, "r+b") as file:
        file.write(text)


def mapped(path, text):
    with open(path, "r+b") as file:
        with mmap.mmap(file.fileno(), 0) as memory:
            memory[:] = text


def mapped_and_synced(path, text):
    """In a process of its own: Python's flush holds up all threads, our line's included."""
    at, city = city_in(text)
    subprocess.run([sys.executable, "-c", f"""if True:
        import mmap
        with open({str(path)!r}, "r+b") as file:
            with mmap.mmap(file.fileno(), 0) as memory:
                memory[{at}:{at + 5}] = {city!r}
                memory.flush()
        """], check=True, timeout=60)


def vs_code(path, text):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    whole(fd, text)
    os.fdatasync(fd)
    os.close(fd)


def vs_code_in_two_steps(path, text):
    """As it writes files that it must not create anew."""
    fd = os.open(path, os.O_RDWR)
    os.ftruncate(fd, 0)
    os.close(fd)
    fd = os.open(path, os.O_RDWR)
    whole(fd, text)
    os.fsync(fd)
    os.close(fd)


def beside_and_renamed(temporary, text, path, sync=True):
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    whole(fd, text)
    if sync:
        os.fsync(fd)
    os.fchmod(fd, 0o644)
    os.close(fd)
    os.rename(temporary, path)


def vs_code_atomic(path, text):
    beside_and_renamed(path.with_name(f"{path.name}.vsctmp"), text, path)


def gnome(path, text):
    beside_and_renamed(path.with_name(".goutputstream-XK2LM1"), text, path)


def kde(path, text):
    beside_and_renamed(path.with_name(f"{path.name}.Jq7bRT"), text, path)


def npm(path, text):
    beside_and_renamed(path.with_name(f"{path.name}.1193046"), text, path, sync=False)


def micro(path, text):
    """A backup of its own elsewhere, the file in place."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    whole(fd, text)
    os.fsync(fd)
    os.close(fd)
    os.utime(path)


def jetbrains(path, text):
    new = path.with_name(f"{path.name}___jb_tmp___")
    old = path.with_name(f"{path.name}___jb_old___")
    beside_and_renamed(new, text, new)
    os.rename(path, old)
    os.rename(new, path)
    os.unlink(old)


def textmate(path, text):
    """The old one out of the way, the new one under its name, the old one removed."""
    old = path.with_name(f".{path.name}.old")
    os.rename(path, old)
    with open(path, "xb") as file:
        file.write(text)
    os.unlink(old)


def kakoune(path, text):
    beside_and_renamed(path.with_name(f".{path.name}.kak.8Zt0aF"), text, path)


def linked_backup(path, text):
    """Some keep the old one by a hard link, and go on without it."""
    with pytest.raises(PermissionError):
        os.link(path, path.with_name(f"{path.name}~"))
    python_w(path, text)


REPLAYED = [python_w, python_r_plus, python_part, python_byte_by_byte, python_backwards,
            python_fsync, python_fdatasync_dup, truncate_by_path, mapped, mapped_and_synced,
            vs_code, vs_code_in_two_steps, vs_code_atomic, gnome, kde, npm, micro, jetbrains,
            textmate, kakoune, linked_backup]


@pytest.mark.parametrize("save", REPLAYED, ids=lambda save: save.__name__)
def test_replayed(bench, save):
    desk = bench()
    save(desk.path, desk.edited(city="Namur"))
    desk.check_saved({"city": "Namur"})


@pytest.mark.parametrize("save", REPLAYED, ids=lambda save: save.__name__)
def test_replayed_without_a_change(bench, save):
    desk = bench()
    save(desk.path, desk.text)
    desk.check_untouched()


def libc_mmap(path, at: int, data: bytes) -> None:
    """A mapping that outlives its file descriptor, as C programs keep it; synced by msync."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [
        ctypes.c_long]
    libc.msync.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    size = os.stat(path).st_size
    fd = os.open(path, os.O_RDWR)
    address = libc.mmap(None, size, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, fd, 0)
    assert address != ctypes.c_void_p(-1).value
    os.close(fd)
    ctypes.memmove(address + at, data, len(data))
    assert libc.msync(address, size, 4) == 0  # MS_SYNC
    assert libc.munmap(address, size) == 0


def test_mapping_that_outlives_its_file(bench):
    desk = bench()
    libc_mmap(desk.path, desk.text.index(b"Ghent"), b"Namur")
    desk.check_saved({"city": "Namur"})


def test_a_reader_keeps_what_it_opened(bench):
    """While somebody writes, and after."""
    desk = bench()
    with open(desk.path, "rb", buffering=0) as reader:
        first = reader.read(20)
        with open(desk.path, "r+b") as writer:
            writer.write(desk.edited(city="Namur"))
        assert first + reader.read() == desk.text
        reader.seek(0)
        assert reader.read() == desk.text
    desk.check_saved({"city": "Namur"})


def test_another_reads_what_is_written_so_far(bench):
    """And closing what was only read neither saves it nor fails over it."""
    desk = bench()
    text = desk.edited(city="Namur")
    with open(desk.path, "r+b", buffering=0) as writer:
        for n in (10, len(text)):
            writer.seek(0)
            writer.truncate(0)
            writer.write(text[:n])
            with open(desk.path, "rb", buffering=0) as reader:
                assert reader.read() == text[:n]
            assert desk.tap.changes() == []
    desk.check_saved({"city": "Namur"})
