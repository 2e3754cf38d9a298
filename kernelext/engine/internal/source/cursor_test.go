package source

import "testing"

func TestAt(t *testing.T) {
	for _, c := range []struct {
		code string
		want Context
	}{
		{"", Context{}},
		{"ab", Context{Prefix: "ab"}},
		{"x := ab", Context{Start: 5, Prefix: "ab"}},
		{"fmt.Pri", Context{Start: 4, Prefix: "Pri", Operand: "fmt"}},
		{"fmt.", Context{Start: 4, Operand: "fmt"}},
		{"a.b.c", Context{Start: 4, Prefix: "c", Operand: "a.b"}},
		{"x + f(1, g(2)).y", Context{Start: 15, Prefix: "y", Operand: "f(1, g(2))"}},
		{"a[i].", Context{Start: 5, Operand: "a[i]"}},
		{"T{1}.", Context{Start: 5, Operand: "T{1}"}},
		{"αβ.γ", Context{Start: 3, Prefix: "γ", Operand: "αβ"}},
		{"\"ab", Context{Start: 1, Prefix: "ab", Nothing: true}},
		{"`a\nb", Context{Start: 3, Prefix: "b", Nothing: true}},
		{"// ab", Context{Start: 3, Prefix: "ab", Nothing: true}},
		{"/* */ ab", Context{Start: 6, Prefix: "ab"}},
		{"\"a\\\"b\" + c", Context{Start: 9, Prefix: "c"}},
		{"12", Context{Prefix: "12", Nothing: true}},
		{"import \"gonum.org/v1", Context{Start: 8, Prefix: "gonum.org/v1", Import: true}},
		{"import (\n\tm \"ma", Context{Start: 13, Prefix: "ma", Import: true}},
		{"import (\n\"fmt\"\n)\nx := \"ma", Context{Start: 23, Prefix: "ma", Nothing: true}},
	} {
		code := []rune(c.code)
		if got := At(code, len(code)); got != c.want {
			t.Errorf("At(%q) = %+v, want %+v", c.code, got, c.want)
		}
	}
}

func FuzzAt(f *testing.F) {
	f.Add("a.b(", 3)
	f.Add(")].x", 4)
	f.Add("/*/", 3)
	f.Fuzz(func(t *testing.T, s string, cursor int) {
		code := []rune(s)
		if cursor < 0 || cursor > len(code) {
			return
		}
		if c := At(code, cursor); c.Start < 0 || c.Start > cursor || c.Prefix != string(code[c.Start:cursor]) {
			t.Fatalf("At(%q, %d) = %+v", s, cursor, c)
		}
	})
}
