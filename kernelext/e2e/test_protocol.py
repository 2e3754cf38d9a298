"""The public conformance suite of Jupyter kernels, against our kernel."""

import jupyter_kernel_test as suite

from conftest import OURS


class TestKernel(suite.KernelTests):
    kernel_name = OURS
    language_name = "go"
    file_extension = ".go"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kc.execute_interactive('import "fmt"', timeout=30)

    code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
    code_stderr = 'import ("fmt"; "os")\nfmt.Fprintln(os.Stderr, "to stderr")'
    completion_samples = [
        {"text": "fmt.Printl", "matches": {"Println"}},
        {"text": "noSuchNameAnywhere"},
    ]
    complete_code_samples = ["1 + 1", "x := 1", 'import "fmt"\nfmt.Println("é")', "func f() int {\n\treturn 1\n}", ""]
    incomplete_code_samples = ["func f() {", "fmt.Println(", "for i := 0; i < 3; i++ {\n", "s := `raw"]
    invalid_code_samples = [")", "x := := 1"]
    code_generate_error = 'panic("on purpose")'
    code_execute_result = [
        {"code": "1 + 1", "result": "2"},
        {"code": '"é" + "𝒜"', "result": "é𝒜"},
    ]
    code_display_data = [
        {
            "code": 'import "github.com/lowrankgo/lowrank/kernelext/show"\n'
            'show.Display(show.Claims(show.Claim{Statement: "one is small", Measured: 1, Relation: "<", Bound: 2}))\n',
            "mime": "application/vnd.lowrankgo.claims+json",
        },
    ]

    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "1 +*"

    # The kernel does not offer these.
    test_pager = test_inspect = test_clear_output = None

