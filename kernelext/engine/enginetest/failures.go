package enginetest

import (
	"context"
	"strings"
	"time"

	"github.com/lowrankgo/lowrank/kernelext/engine"
)

// at checks name, place and a part of the traceback of an error.
func (s *Session) at(e *engine.Error, name string, line, column int, parts ...string) {
	s.T.Helper()
	if e.Name != name || e.Line != line || column > 0 && e.Column != column {
		s.fail("error %s %q at %d:%d, want %s at %d:%d", e.Name, e.Message, e.Line, e.Column, name, line, column)
	}
	trace := strings.Join(e.Traceback, "\n")
	for _, p := range parts {
		if !strings.Contains(trace, p) {
			s.fail("the traceback lacks %q:\n%s", p, trace)
		}
	}
	for _, internal := range []string{"gomacro/", "yaegi/", "goroutine ", "reflect.Value"} {
		if strings.Contains(trace, internal) {
			s.fail("the traceback shows the interpreter (%q):\n%s", internal, trace)
		}
	}
}

var failures = []testCase{
	{"syntax", "a syntax error has its place in the cell", func(s *Session) {
		s.at(s.Fail("x := 1\ny := = 2"), "CompileError", 2, 6, "In [1], line 2", "y := = 2", "     ^")
	}},
	{"undefined", "a compile error has its place in the cell", func(s *Session) {
		s.at(s.Fail("x := 1\n\ny := x + nowhere"), "CompileError", 3, 10, "y := x + nowhere")
	}},
	{"types", "a value of a wrong type is refused before anything runs", func(s *Session) {
		e := s.Fail("import \"fmt\"\nfmt.Print(\"ran\")\nvar x int = \"text\"")
		if e.Name != "CompileError" || s.Out.Text("stdout") != "" {
			s.fail("error %v, printed %q", e, s.Out.Text("stdout"))
		}
	}},
	{"several values", "a call with two values does not stand for one", func(s *Session) {
		s.Run("func two() (int, error) { return 1, nil }\nfunc one(x int) int { return x }")
		if e := s.Fail("one(two())"); e.Name != "CompileError" {
			s.fail("error %v", e)
		}
	}},
	{"compile error changes nothing", "after a compile error the session knows what it knew", func(s *Session) {
		s.Run("x := 1")
		s.Fail("x := \"new\"\ny := 2\nz := nowhere")
		s.Want("x", "1")
		s.at(s.Fail("y"), "CompileError", 1, 1)
	}},
	{"panic", "a panic shows the line that caused it and the calls that led there", func(s *Session) {
		s.Run("func get(a []int, i int) int {\n\treturn a[i]\n}")
		s.at(s.Fail("x := 1\nget(nil, x)"), "Panic", 2, 0, "In [1], line 2, in get", "return a[i]", "In [2], line 2", "get(nil, x)")
	}},
	{"runtime errors", "each runtime error is reported and the session lives on", func(s *Session) {
		s.Run("x := 1\nvar m map[string]int\nvar p *struct{ A int }\nzero := 0\nvar i interface{} = 3")
		for _, code := range []string{"[]int{1}[x]", "m[\"a\"] = 1", "p.A", "x / zero", "i.(string)", "v := i.(string)", "len(i.(string))", "panic(\"own\")", "make([]int, -x)",
			"var f func()\nf()", "close((chan int)(nil))", "\"abc\"[x+5]"} {
			if e := s.Fail(code); e.Name != "Panic" || e.Line == 0 {
				s.fail("%q: %s %q at line %d", code, e.Name, e.Message, e.Line)
			}
		}
		s.Want("x", "1")
	}},
	{"compiled code", "a panic in compiled code names the function that panicked", func(s *Session) {
		s.at(s.Fail("import \"strings\"\nstrings.Repeat(\"x\", -1)"), "Panic", 2, 1, "strings.Repeat", "In [1], line 2")
		s.at(s.Fail("import \"gonum.org/v1/gonum/mat\"\nmat.NewDense(1, 1, nil).At(5, 5)"), "Panic", 2, 0, "mat.(*Dense).At")
	}},
	{"callback", "a panic in a callback of compiled code points into the callback", func(s *Session) {
		s.at(s.Fail("import \"sort\"\nsort.Slice([]int{2, 1}, func(i, j int) bool {\n\tpanic(\"cmp\")\n})"), "Panic", 3, 2, "panic(\"cmp\")")
	}},
	{"unset variables", "a variable whose value never came does not exist, and hides nothing", func(s *Session) {
		s.Run("old := 1")
		s.Fail("func bad() int { panic(\"no\") }\nfresh := bad()\nold := bad()")
		s.at(s.Fail("fresh"), "CompileError", 1, 1)
		s.Want("old", "1")
	}},
	{"goroutine", "a panic in a goroutine of a cell does not end the process", func(s *Session) {
		s.Run("import \"time\"\ngo func() { panic(\"aside\") }()\ntime.Sleep(300 * time.Millisecond)")
		if got := s.Out.Text("stderr"); !strings.Contains(got, "aside") {
			s.fail("stderr %q", got)
		}
	}},
	{"exit", "a cell cannot end the process", func(s *Session) {
		s.at(s.Fail("import \"os\"\nos.Exit(3)"), "Panic", 2, 1)
		s.at(s.Fail("import \"log\"\nlog.Fatal(\"gone\")"), "Panic", 2, 1)
		s.Want("1", "1")
	}},
	{"import", "an unknown import names the package that was meant", func(s *Session) {
		e := s.Fail("import \"gonum/mat\"")
		if e.Line != 1 || !strings.Contains(e.Message, "gonum.org/v1/gonum/mat") {
			s.fail("error %q at line %d", e.Message, e.Line)
		}
	}},
	{"recover", "recover in a cell works", func(s *Session) {
		s.Want("func safe() (s string) {\n\tdefer func() { s = recover().(string) }()\n\tpanic(\"caught\")\n}\nsafe()", "caught")
	}},
}

// soon is how fast a stopped cell must return; slack is for a busy machine.
const (
	soon  = 100 * time.Millisecond
	slack = 400 * time.Millisecond
)

// stopped checks that a cell was interrupted in time.
func (s *Session) stopped(e *engine.Error, took time.Duration) {
	s.T.Helper()
	if e == nil || e.Name != "Interrupted" {
		s.fail("error %v, want Interrupted", e)
	}
	if took > soon+slack {
		s.fail("stopped after %v, want at most %v", took, soon)
	}
}

var stops = []testCase{
	{"loops", "an endless loop stops and the session lives on", func(s *Session) {
		s.Run("x := 5\nfunc spin() {\n\tfor {\n\t}\n}")
		for _, code := range []string{"for {\n}", "spin()", "n := 0\nfor i := 0; ; i++ {\n\tn += i\n}", "func() {\n\tdefer func() { recover() }()\n\tfor {\n\t}\n}()"} {
			s.stopped(s.Stop(code, 30*time.Millisecond))
			s.Want("x", "5")
		}
	}},
	{"blocked", "a cell that is blocked is left behind", func(s *Session) {
		s.Run("import (\n\t\"sync\"\n\t\"time\"\n)\nx := 5\nin := make(chan int)\nout := make(chan int)")
		for _, code := range []string{"<-in", "out <- 1", "select {}", "time.Sleep(time.Hour)", "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()"} {
			s.stopped(s.Stop(code, 30*time.Millisecond))
			s.Want("x", "5")
		}
	}},
	{"left behind", "a cell that was left behind does nothing more when it wakes", func(s *Session) {
		s.Run("import (\n\t\"fmt\"\n\t\"time\"\n)\nx := 5\nch := make(chan int)")
		s.stopped(s.Stop("y := <-ch\nfmt.Print(\"late\")\nx = 99", 30*time.Millisecond))
		s.Run("ch <- 1\ntime.Sleep(50 * time.Millisecond)")
		if got := s.Out.Text("stdout"); got != "" {
			s.fail("the old cell printed %q", got)
		}
		s.Want("x", "5")
		s.at(s.Fail("y"), "CompileError", 1, 1)
	}},
	{"partial result", "a compiled call that minds show.Context returns, and its result is kept", func(s *Session) {
		s.Run("import (\n\t\"context\"\n\t" + showPath + "\n)\nfunc work(ctx context.Context) (int, error) {\n\t<-ctx.Done()\n\treturn 42, ctx.Err()\n}")
		s.stopped(s.Stop("res, err := work(show.Context())", 30*time.Millisecond))
		s.Want("res", "42")
		s.Want("err", "context canceled")
	}},
	{"fresh context", "the next cell has a context of its own", func(s *Session) {
		s.Run("import " + showPath)
		s.stopped(s.Stop("for {\n}", 20*time.Millisecond))
		s.Want("show.Context().Err() == nil", "true")
	}},
	{"before", "a cell whose context has ended already does not run", func(s *Session) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s.Run("x := 1")
		_, e := s.Eval(ctx, "for {\n}")
		s.stopped(e, 0)
	}},
	{"deadline", "a time limit is told from a stop", func(s *Session) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer cancel()
		_, e := s.Eval(ctx, "for {\n}")
		s.stopped(e, 0)
		if e != nil && !strings.Contains(e.Message, "time limit") {
			s.fail("message %q", e.Message)
		}
	}},
}
