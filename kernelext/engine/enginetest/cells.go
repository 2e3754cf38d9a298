package enginetest

import (
	"context"
	"strings"

	"github.com/lowrankgo/lowrank/kernelext/engine"
)

const showPath = `"github.com/lowrankgo/lowrank/kernelext/show"`

var values = []testCase{
	{"expression", "the value of the last expression is shown", func(s *Session) {
		s.Want("1 + 2", "3")
		s.Want("\"text\"", "text")
		s.Want("x := 4\nx * x", "16")
		s.Want("[]int{1, 2}", "[1 2]")
	}},
	{"nothing", "a cell that ends in no value shows nothing", func(s *Session) {
		for _, code := range []string{"", "// a comment", "x := 1", "x = 2", "func f() {}", "f()", "for i := 0; i < 2; i++ {\n}",
			"type T struct{}", "var e error", "e", "import \"fmt\"\nfmt.Print()"} {
			s.Want(code, "")
		}
	}},
	{"render", "values show through their methods (show.Render)", func(s *Session) {
		s.Run("import \"gonum.org/v1/gonum/mat\"")
		data, err := s.Engine.Eval(context.Background(), engine.Cell{Code: "mat.NewDense(1, 2, []float64{1, 2})"}, &s.Out)
		if err != nil || data == nil || data.MIME["text/html"] == nil {
			s.fail("a matrix shows as %v, %v; want text/html", data, err)
		}
	}},
	{"literal first", "a statement may start with a function literal", func(s *Session) {
		s.Want("func() int { return 7 }()", "7")
	}},
}

var session = []testCase{
	{"persistence", "what a cell declares, later cells see", func(s *Session) {
		s.Run("import \"strings\"\nconst k = 3\nvar v = 2.5\ntype P struct{ X int }\nfunc (p P) Twice() int { return 2 * p.X }\nfunc up(s string) string { return strings.ToUpper(s) }")
		s.Want("k", "3")
		s.Want("v", "2.5")
		s.Want("P{4}.Twice()", "8")
		s.Want("up(\"a\") + strings.Repeat(\"b\", 2)", "Abb")
	}},
	{"redefinition", "a name may be declared again, with another type too", func(s *Session) {
		s.Run("x := 1")
		s.Want("x := 2\nx", "2")
		s.Want("x := \"s\"\nx", "s")
		s.Want("x := 1.5\nx", "1.5")
		s.Run("func f() int { return 1 }")
		s.Want("func f() string { return \"two\" }\nf()", "two")
		s.Run("type T struct{ A int }\nt := T{1}")
		s.Want("type T struct{ B string }\nt := T{\"b\"}\nt.B", "b")
	}},
	{"old functions", "a name that takes a new type leaves the functions compiled before intact", func(s *Session) {
		s.Run("n := 5\nfunc five() int { return n }")
		s.Run("n := 2.5")
		s.Want("five()", "5")
		s.Want("n", "2.5")
	}},
	{"mixture", "a cell mixes imports, declarations and statements", func(s *Session) {
		s.Want("a := 1\nimport \"math\"\nfunc g(x int) int { return x + a }\nif a > 0 {\n\ta = 10\n}\nb := g(1)\nfloat64(b) + math.Floor(0.5)", "11")
	}},
	{"loop variables", "each turn of a loop has its own variable, as in Go since 1.22", func(s *Session) {
		s.Want("var fs []func() int\nfor i := 0; i < 3; i++ {\n\tfs = append(fs, func() int { return i })\n}\nfs[0]() + 10*fs[1]() + 100*fs[2]()", "210")
		s.Want("var gs []func() int\nfor _, v := range []int{1, 2} {\n\tgs = append(gs, func() int { return v })\n}\ngs[0]() + 10*gs[1]()", "21")
	}},
	{"quick", "show.Quick is what the cell asks for", func(s *Session) {
		s.Run("import " + showPath)
		for _, quick := range []bool{false, true} {
			data, err := s.Engine.Eval(context.Background(), engine.Cell{Code: "show.Quick()", Quick: quick}, &s.Out)
			if err != nil || data == nil || data.MIME["text/plain"] != map[bool]string{false: "false", true: "true"}[quick] {
				s.fail("Quick %v: %v, %v", quick, data, err)
			}
		}
	}},
	{"methods and interfaces", "types of cells satisfy interfaces", func(s *Session) {
		s.Want("type S interface{ Area() int }\ntype Q struct{ s int }\nfunc (q Q) Area() int { return q.s * q.s }\nvar s S = Q{3}\ns.Area()", "9")
		s.Want("import \"sort\"\ntype by []int\nfunc (b by) Len() int { return len(b) }\nfunc (b by) Less(i, j int) bool { return b[i] > b[j] }\nfunc (b by) Swap(i, j int) { b[i], b[j] = b[j], b[i] }\nl := []int{1, 3, 2}\nsort.Sort(by(l))\nl", "[3 2 1]")
	}},
}

var outputs = []testCase{
	{"order", "prints and displays arrive in order, all before Eval returns", func(s *Session) {
		s.Run("import (\n\t\"fmt\"\n\t\"os\"\n\t" + showPath + "\n)\nfmt.Print(\"a\")\nshow.Display(\"b\")\nfmt.Fprint(os.Stdout, \"c\")\nshow.Display(\"d\")\nfmt.Print(\"e\")")
		var got strings.Builder
		for _, e := range s.Out.Events() {
			got.WriteString(e.Kind[:1] + ":" + e.Text + " ")
		}
		if want := "s:a d:b s:c d:d s:e "; got.String() != want {
			s.fail("events %q, want %q", got.String(), want)
		}
	}},
	{"streams", "stdout and stderr are told apart; the standard logger is stderr", func(s *Session) {
		s.Run("import (\n\t\"fmt\"\n\t\"log\"\n\t\"os\"\n)\nfmt.Println(\"out\")\nfmt.Fprintln(os.Stderr, \"err\")\nlog.Print(\"logged\")\nprintln(\"low\")")
		if got := s.Out.Text("stdout"); got != "out\n" {
			s.fail("stdout %q", got)
		}
		got := s.Out.Text("stderr")
		for _, want := range []string{"err\n", "logged", "low"} {
			if !strings.Contains(got, want) {
				s.fail("stderr %q lacks %q", got, want)
			}
		}
	}},
	{"volume", "nothing of a long output is lost", func(s *Session) {
		s.Run("import \"fmt\"\nfor i := 0; i < 5000; i++ {\n\tfmt.Println(\"line\", i)\n}")
		if got := strings.Count(s.Out.Text("stdout"), "\n"); got != 5000 {
			s.fail("%d lines, want 5000", got)
		}
	}},
	{"failed cell", "what a cell prints before it fails arrives", func(s *Session) {
		s.Fail("import \"fmt\"\nfmt.Print(\"before\")\npanic(\"x\")")
		if got := s.Out.Text("stdout"); got != "before" {
			s.fail("stdout %q, want \"before\"", got)
		}
	}},
	{"no chatter", "the interpreter's own messages stay away", func(s *Session) {
		s.Run("x := 1")
		s.Run("x := \"a\"\nfunc f() int { return 1 }\nfunc g() int { return f() }")
		s.Run("func f() int { return 2 }")
		if e := s.Out.Events(); len(e) > 0 {
			s.fail("shown: %v", e)
		}
	}},
}
