package enginetest

import (
	"context"
	"time"

	"github.com/lowrankgo/lowrank/kernelext/engine"
)

// offers checks that Complete at the end of code has the wanted matches, with
// their types, and replaces from start.
func (s *Session) offers(code string, start int, want ...engine.Match) {
	s.T.Helper()
	cursor := len([]rune(code))
	c := s.Engine.Complete(code, cursor)
	if c.Start != start || c.End != cursor {
		s.fail("Complete(%q) replaces [%d, %d), want [%d, %d)", code, c.Start, c.End, start, cursor)
	}
	for _, w := range want {
		found := false
		for _, m := range c.Matches {
			found = found || m == w
		}
		if !found {
			s.fail("Complete(%q) lacks %+v: %d matches %.300v", code, w, len(c.Matches), c.Matches)
		}
	}
}

var editor = []testCase{
	{"names", "completion knows keywords, builtins and the names of the session", func(s *Session) {
		s.Run("import \"strings\"\nlongName := 1\nfunc longFunc() {}\ntype longType struct{}\nconst longConst = 1")
		s.offers("lo", 0, engine.Match{Text: "longName", Type: "variable"}, engine.Match{Text: "longFunc", Type: "function"},
			engine.Match{Text: "longType", Type: "type"}, engine.Match{Text: "longConst", Type: "constant"})
		s.offers("x := ap", 5, engine.Match{Text: "append", Type: "function"})
		s.offers("ret", 0, engine.Match{Text: "return", Type: "keyword"})
		s.offers("stri", 0, engine.Match{Text: "strings", Type: "package"}, engine.Match{Text: "string", Type: "type"})
	}},
	{"members", "completion knows the members of packages and values", func(s *Session) {
		s.Run("import (\n\t\"math\"\n\t\"strings\"\n\t\"gonum.org/v1/gonum/mat\"\n)\ntype P struct{ Xray, yard int }\nfunc (p *P) Xmove() {}\np := &P{}\na := []P{{}}\nd := mat.NewDense(1, 1, nil)")
		s.offers("math.Sq", 5, engine.Match{Text: "Sqrt", Type: "function"}, engine.Match{Text: "SqrtPi", Type: "constant"})
		s.offers("strings.Buil", 8, engine.Match{Text: "Builder", Type: "type"})
		s.offers("p.", 2, engine.Match{Text: "Xray", Type: "field"}, engine.Match{Text: "yard", Type: "field"}, engine.Match{Text: "Xmove", Type: "function"})
		s.offers("a[0].X", 5, engine.Match{Text: "Xray", Type: "field"})
		s.offers("d.RawM", 2, engine.Match{Text: "RawMatrix", Type: "function"})
		s.offers("mat.NewDense(2, 2, nil).Di", 24, engine.Match{Text: "Dims", Type: "function"})
	}},
	{"imports", "completion knows import paths", func(s *Session) {
		s.offers("import \"gonum.org/v1/gonum/m", 8, engine.Match{Text: "gonum.org/v1/gonum/mat", Type: "package"})
		s.offers("import (\n\t\"fmt\"\n\tm \"mat", 20, engine.Match{Text: "math", Type: "package"})
	}},
	{"code points", "the cursor counts code points", func(s *Session) {
		s.Run("αβγ := 1")
		s.offers("\"ééé\"; α", 7, engine.Match{Text: "αβγ", Type: "variable"})
	}},
	{"nowhere", "nothing is offered in strings, comments and numbers, and no cursor panics", func(s *Session) {
		for _, code := range []string{"\"fo", "// fo", "12", "/* fo", "'f", "nowhere.", "3.", ")."} {
			if c := s.Engine.Complete(code, len(code)); len(c.Matches) > 0 {
				s.fail("Complete(%q) offers %v", code, c.Matches)
			}
		}
		for _, cursor := range []int{-5, 0, 2, 100} {
			s.Engine.Complete("x.y", cursor)
		}
	}},
	{"check", "Check tells complete, incomplete and invalid cells apart", func(s *Session) {
		for code, want := range map[string]string{
			"": "complete", "1 + 1": "complete", "x := 1\nx": "complete", "import \"fmt\"\nfunc f() {\n}": "complete",
			"for {": "incomplete", "f(1,": "incomplete", "`a": "incomplete", "x :=": "incomplete", "/*": "incomplete",
			"}": "invalid", "x := 1 2": "invalid", "\"a": "invalid",
		} {
			if got := s.Engine.Check(code); got.Status != want {
				s.fail("Check(%q) is %q, want %q", code, got.Status, want)
			}
		}
	}},
	{"while running", "Complete and Check answer while a cell runs", func(s *Session) {
		s.Run("abc := 1")
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.Engine.Eval(ctx, engine.Cell{Code: "for {\n}"}, &Recorder{})
		}()
		time.Sleep(30 * time.Millisecond)
		start := time.Now()
		s.offers("ab", 0, engine.Match{Text: "abc", Type: "variable"})
		if s.Engine.Check("1").Status != "complete" || time.Since(start) > time.Second {
			s.fail("no answer while a cell runs")
		}
		cancel()
		<-done
	}},
	{"closed", "a closed session refuses cells", func(s *Session) {
		if err := s.Engine.Close(); err != nil {
			s.fail("Close: %v", err)
		}
		if _, e := s.Eval(context.Background(), "1"); e == nil {
			s.fail("a cell ran after Close")
		}
	}},
}
