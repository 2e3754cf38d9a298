package gomacro_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/enginetest"
	"github.com/lowrankgo/lowrank/kernelext/engine/gomacro"
)

// session starts a session for a test.
func session(t *testing.T) *enginetest.Session {
	t.Helper()
	e, err := newEngine()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return &enginetest.Session{T: t, Engine: e}
}

// TestMessages checks what the interpreter's limits and common mistakes say.
func TestMessages(t *testing.T) {
	s := session(t)
	s.Run("import \"fmt\"\nx := 1\ntype T struct{ A int }\nn := 3")
	for _, c := range []struct {
		code   string
		line   int
		column int
		want   []string
	}{
		{"func F[P any](p P) P { return p }", 1, 7, []string{"type parameters", "limit"}},
		{"type L[P any] struct{ p P }", 1, 7, []string{"type parameters", "limit"}},
		{"x = 2\nfor i := range 10 {\n\tfmt.Print(i)\n}", 2, 0, []string{"range over an integer", "for i := 0; i < 10; i++"}},
		{"for i := range n {\n\tfmt.Print(i)\n}", 1, 0, []string{"range over an integer", "i < n"}},
		{"for i := range func(yield func(int) bool) {} {\n\tfmt.Print(i)\n}", 1, 0, []string{"range over a function", "limit"}},
		{"y := min(1, 2)", 1, 6, []string{"builtin min", "math.Min"}},
		{"max(1, 2)", 1, 1, []string{"builtin max", "math.Max"}},
		{"clear(map[int]int{})", 1, 1, []string{"builtin clear", "delete"}},
		{"mat.NewDense(1, 1, nil)", 1, 1, []string{"undefined: mat", `import "gonum.org/v1/gonum/mat"`}},
		{"fmt.Printline(x)", 1, 5, []string{"undefined: fmt.Printline", "fmt.Println"}},
		{"T{}.B", 1, 5, []string{"no field or method B"}},
		{"x = \"text\"", 1, 0, []string{`cannot use "text" as int`}},
		{"x.y.z()", 1, 0, []string{"y"}},
		{"defer fmt.Print(1)", 1, 1, []string{"defer", "func()"}},
		{"1 / 0", 1, 1, []string{"constant", "divide by zero"}},
		{"import \"maths\"", 1, 8, []string{`"maths"`, `"math"`}},
		{"import \"company.example/secret/zzz\"", 1, 8, []string{"not linked into this kernel"}},
		{"x := fmt.Sprint(x)\nvar x int = 3.5", 0, 0, nil},
		{"copy(x, x)", 1, 0, []string{"copy wants a slice"}},
		{"copy([]int{1}, \"s\")", 1, 0, []string{"cannot copy"}},
	} {
		e := s.Fail(c.code)
		if e.Name != "CompileError" && e.Name != "ImportError" {
			t.Errorf("%q: %s", c.code, e.Name)
		}
		if c.line > 0 && e.Line != c.line || c.column > 0 && e.Column != c.column {
			t.Errorf("%q: error at %d:%d, want %d:%d", c.code, e.Line, e.Column, c.line, c.column)
		}
		for _, w := range c.want {
			if !strings.Contains(e.Message, w) {
				t.Errorf("%q: message %q lacks %q", c.code, e.Message, w)
			}
		}
		for _, internal := range []string{"cell1", "cell2", "*ast.", "fast.", "untyped.Lit"} {
			if strings.Contains(e.Message, internal) {
				t.Errorf("%q: message %q shows %q", c.code, e.Message, internal)
			}
		}
	}
	s.Want("x", "1")
}

func TestTraceback(t *testing.T) {
	s := session(t)
	s.Run("func deep(n int) int {\n\tif n == 0 {\n\t\tvar a []int\n\t\treturn a[3]\n\t}\n\treturn deep(n - 1)\n}")
	e := s.Fail("y := 2\ny += deep(30)")
	want := []string{
		"Panic: runtime error: slice index out of range",
		"In [1], line 4, in deep\n    3 | \t\tvar a []int\n    4 | \t\treturn a[3]\n      | \t\t       ^",
		"In [1], line 6, in deep\n    5 | \t}\n    6 | \treturn deep(n - 1)\n      | \t       ^",
		"… the same call 29 times more …",
		"In [2], line 2\n    1 | y := 2\n    2 | y += deep(30)\n      | ^",
	}
	if got := strings.Join(e.Traceback, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("traceback\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// TestProxies checks that types of cells satisfy interfaces of our tables and
// that methods of values from cells render.
func TestProxies(t *testing.T) {
	s := session(t)
	s.Run("import \"gonum.org/v1/plot/plotter\"\ntype line struct{}\nfunc (line) Len() int { return 3 }\nfunc (line) XY(i int) (float64, float64) { return float64(i), 2 * float64(i) }")
	s.Want("l, err := plotter.NewLine(line{})\nl.XYs[2].Y", "4")
	s.Run("type badge struct{ n int }\nfunc (b badge) HTML() string { return \"<b>badge</b>\" }")
	data, err := s.Engine.Eval(context.Background(), engine.Cell{Code: "badge{3}"}, &s.Out)
	if err != nil || data.MIME["text/html"] != "<b>badge</b>" || data.MIME["text/plain"] != "{3}" {
		t.Errorf("an interpreted HTML method: %v, %v", data, err)
	}
}

// TestSolveStopped stops a compiled solve that reports to a callback of the
// cell, and wants its partial result.
func TestSolveStopped(t *testing.T) {
	s := session(t)
	s.Run(`import (
	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"github.com/lowrankgo/lowrank/kernelext/show"
)
p, err := problem.GaussianSensing{D1: 20, D2: 20, Rank: 2, M: 200, Seed: 1}.New()
x0, err := initial.Random{Scale: 0.01, Seed: 2}.Point(p)
rows := 0
opt := &lr.Options{MaxIter: 1 << 40, OnRow: func(r lr.Row) bool { rows++; return true }}`)
	e, took := s.Stop("res, err := lr.Solve(show.Context(), p, solver.GD{Step: 1e-9}, x0, opt)", 100*time.Millisecond)
	if e == nil || e.Name != "Interrupted" || took > 200*time.Millisecond {
		t.Errorf("error %v after %v", e, took)
	}
	s.Want("rows > 0 && res.X != nil && err != nil", "true")
}

func TestOptions(t *testing.T) {
	if _, err := gomacro.New(gomacro.Options{Grace: -1}); err == nil || !strings.Contains(err.Error(), "Grace") {
		t.Errorf("a negative grace: %v", err)
	}
}

// TestOneAtATime runs cells of two sessions of one process together.
func TestOneAtATime(t *testing.T) {
	a, b := session(t), session(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := a.Engine.Eval(ctx, engine.Cell{Code: "println(\"on\")\nfor {\n}"}, &a.Out)
		done <- err
	}()
	for a.Out.Text("stderr")+a.Out.Text("stdout") == "" { // until the cell runs
		time.Sleep(time.Millisecond)
	}
	short, stop := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer stop()
	var e *engine.Error
	if _, err := b.Eval(short, "1"); !errors.As(err, &e) || e.Name != "Interrupted" {
		t.Errorf("a second cell while one runs: %v", err)
	}
	cancel()
	<-done
	b.Want("1", "1")
}
