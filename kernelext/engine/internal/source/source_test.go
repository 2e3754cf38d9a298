package source

import (
	"errors"
	"go/ast"
	"testing"
)

func TestParseSplitsACell(t *testing.T) {
	code := "import \"fmt\"\n\nx := 1; y := 2\nfunc f() int {\n\treturn x\n}\nfunc (t T) m() {}\nfunc() { x++ }()\nfor i := 0; i < 3; i++ {\n}\nfmt.Println(\n\tx,\n)\ntype T struct{}\nx + y // sum\n"
	want := []Kind{Import, Stmt, Stmt, Func, Func, FuncLit, Stmt, Stmt, Stmt, Stmt}
	cell, err := Parse(code)
	if err != nil {
		t.Fatal(err)
	}
	if len(cell.Chunks) != len(want) {
		t.Fatalf("%d chunks, want %d: %+v", len(cell.Chunks), len(want), cell.Chunks)
	}
	for i, c := range cell.Chunks {
		if c.Kind != want[i] {
			t.Errorf("chunk %d %q: kind %d, want %d", i, code[c.Start:c.End], c.Kind, want[i])
		}
		if c.Node == nil {
			t.Errorf("chunk %d %q has no node", i, code[c.Start:c.End])
		} else if off := c.Offset(c.Node.Pos()); off != c.Start {
			t.Errorf("chunk %d starts at %d, its node at %d", i, c.Start, off)
		}
	}
	if _, ok := cell.Chunks[9].Node.(*ast.ExprStmt); !ok {
		t.Errorf("last chunk is %T, want an expression", cell.Chunks[9].Node)
	}
}

func TestParseErrorsHaveAPosition(t *testing.T) {
	for _, c := range []struct {
		code         string
		line, column int
	}{
		{"x := 1\ny := )", 2, 6},
		{"x := 1\nif x {", 2, 6},
		{"é := 1\né é", 2, 3},
		{"a := \"open", 1, 6},
		{"func f( {\n}", 1, 7},
		{"x := = 3", 1, 6},
	} {
		_, err := Parse(c.code)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: error %v, want *Error", c.code, err)
			continue
		}
		if line, col := Position(c.code, e.Offset); line != c.line || col != c.column {
			t.Errorf("%q: error %q at %d:%d, want %d:%d", c.code, e, line, col, c.line, c.column)
		}
	}
}

func TestPositionCountsCodePoints(t *testing.T) {
	code := "αβ\nγ = δ"
	for _, c := range []struct{ offset, line, column int }{
		{0, 1, 1}, {2, 1, 2}, {5, 2, 1}, {7, 2, 2}, {100, 2, 6}, {-1, 1, 1},
	} {
		if l, k := Position(code, c.offset); l != c.line || k != c.column {
			t.Errorf("offset %d: %d:%d, want %d:%d", c.offset, l, k, c.line, c.column)
		}
	}
	if got := Line(code, 2); got != "γ = δ" {
		t.Errorf("Line 2 = %q", got)
	}
	if Line(code, 0) != "" || Line(code, 3) != "" {
		t.Error("a line outside the cell is not empty")
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ code, status, indent string }{
		{"", "complete", ""},
		{"// only a comment", "complete", ""},
		{"x := 1", "complete", ""},
		{"x := 1\nx", "complete", ""},
		{"import \"fmt\"", "complete", ""},
		{"func f() {\n}\nf()", "complete", ""},
		{"func() {}()", "complete", ""},
		{"for {\n}", "complete", ""},
		{"for {", "incomplete", "\t"},
		{"func f() {\n\tif x {", "incomplete", "\t\t"},
		{"x := f(1,", "incomplete", "\t"},
		{"x :=", "incomplete", "\t"},
		{"x +", "incomplete", "\t"},
		{"s := `raw", "incomplete", ""},
		{"/* open", "incomplete", ""},
		{"s := \"open", "invalid", ""},
		{"for i := 0; i < 3; i++ {\n}", "complete", ""},
		{"if f := func() bool { return true }; f() {\n} else if x := 1; x > 0 {\n}", "complete", ""},
		{"L:\nfor ; ; {\n\tbreak L\n}", "complete", ""},
		{"}", "invalid", ""},
		{"x := 1 2", "invalid", ""},
		{"import 3", "invalid", ""},
		{"f(]", "invalid", ""},
		{"if x { } }", "invalid", ""},
	} {
		got := Check(c.code)
		if got.Status != c.status || got.Indent != c.indent {
			t.Errorf("Check(%q) = %+v, want %q indent %q", c.code, got, c.status, c.indent)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"x := 1", "func f(){", "`", "}{", "import (", "for i := range 3 {}", "\xff", "package x\n;;", ";"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		if s := Check(code).Status; s != "complete" && s != "incomplete" && s != "invalid" {
			t.Fatalf("status %q", s)
		}
		cell, err := Parse(code)
		if err != nil {
			return
		}
		for _, c := range cell.Chunks {
			if c.Start < 0 || c.End < c.Start || c.End > len(code) {
				t.Fatalf("chunk [%d,%d) of %d bytes", c.Start, c.End, len(code))
			}
		}
	})
}
