"""jupyter_kernel_test's suite, and what it has no case for, on the test kernel.

Run from the repository's root with a Python that has jupyter_kernel_test:

    python -m unittest -v kernelext/jupyter/testdata/test_kernel.py

KERNEL names the kernel binary; without it, it is built first.
"""

import json
import os
import subprocess
import tempfile
import time
import unittest

import jupyter_kernel_test as jkt
from jupyter_client.manager import start_new_kernel

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = tempfile.mkdtemp()


def install():
    binary = os.environ.get("KERNEL")
    if not binary:
        binary = os.path.join(DATA, "kernel")
        subprocess.check_call(["go", "build", "-o", binary, os.path.join(HERE, "kernel", "main.go")])
    spec = os.path.join(DATA, "kernels", "gotest")
    os.makedirs(spec)
    with open(os.path.join(spec, "kernel.json"), "w") as f:
        json.dump({"argv": [binary, "{connection_file}"], "display_name": "Go test", "language": "go",
                   "interrupt_mode": "message"}, f)
    os.environ["JUPYTER_PATH"] = DATA


install()


class Protocol(jkt.KernelTests):
    kernel_name = "gotest"
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
    code_stderr = 'import "os"\nos.Stderr.WriteString("test\\n")'
    code_execute_result = [{"code": "1+2", "result": "3"}]
    code_display_data = [
        {"code": 'import "github.com/lowrankgo/lowrank/kernelext/show"\nshow.Display(1)', "mime": "text/plain"}]
    completion_samples = [{"text": "fun", "matches": {"func"}}, {"text": "fallth", "matches": {"fallthrough"}}]
    complete_code_samples = ["1", "x := 1", "func f() {\n}"]
    incomplete_code_samples = ["func f() {", "x := (", "`raw"]
    invalid_code_samples = ["}", "x := 1 2"]
    code_page_something = ""
    code_generate_error = 'panic("boom")'
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")


class Welcome(jkt.IopubWelcomeTests):
    kernel_name = "gotest"
    support_iopub_welcome = True


class Beyond(unittest.TestCase):
    def setUp(self):
        self.km, self.kc = start_new_kernel(kernel_name="gotest")

    def tearDown(self):
        self.kc.stop_channels()
        self.km.shutdown_kernel(now=True)

    def run_code(self, code, **kw):
        out = []
        reply = self.kc.execute_interactive(code, output_hook=out.append, timeout=20, **kw)
        return reply["content"], out

    def test_interrupt_keeps_state(self):
        self.run_code("x := 41")
        for code in ("for {\n}", "<-make(chan int)", 'import "time"\ntime.Sleep(time.Hour)'):
            msg = self.kc.execute(code)
            time.sleep(0.3)
            start = time.time()
            self.km.interrupt_kernel()
            reply = self.kc.get_shell_msg(timeout=5)
            taken = time.time() - start
            self.assertEqual(reply["parent_header"]["msg_id"], msg)
            self.assertEqual(reply["content"].get("ename"), "Interrupted", (code, reply["content"]))
            self.assertLess(taken, 0.2, code)
        content, out = self.run_code("x + 1")
        self.assertEqual(content["status"], "ok")
        results = [m["content"]["data"]["text/plain"] for m in out if m["msg_type"] == "execute_result"]
        self.assertEqual(results, ["42"])

    def test_abort(self):
        self.kc.execute('import "time"\ntime.Sleep(300*time.Millisecond)\npanic("first")')
        ids = [self.kc.execute("1"), self.kc.execute("2")]
        self.assertEqual(self.kc.get_shell_msg(timeout=5)["content"]["status"], "error")
        for i in ids:
            reply = self.kc.get_shell_msg(timeout=5)
            self.assertEqual(reply["parent_header"]["msg_id"], i)
            self.assertEqual(reply["content"]["status"], "aborted")

    def test_user_expressions(self):
        content, _ = self.run_code("u := 3", user_expressions={"a": "u*2", "b": "nope"})
        self.assertEqual(content["user_expressions"]["a"]["data"]["text/plain"], "6")
        self.assertEqual(content["user_expressions"]["b"]["status"], "error")

    def test_restart(self):
        self.run_code("r := 1")
        self.km.restart_kernel(now=False)
        self.kc.wait_for_ready(timeout=10)
        content, _ = self.run_code("r")
        self.assertEqual(content["ename"], "CompileError")

    def test_stream_order(self):
        _, out = self.run_code('import "fmt"\nimport "github.com/lowrankgo/lowrank/kernelext/show"\n'
                               'fmt.Print("a")\nshow.Display("b")\nfmt.Print("c")\n"d"')
        kinds = [m["msg_type"] for m in out if m["msg_type"] not in ("status", "execute_input")]
        self.assertEqual(kinds, ["stream", "display_data", "stream", "execute_result"])


if __name__ == "__main__":
    unittest.main()
