package enginetest

import (
	"context"
	_ "embed"
	"strings"
)

// semanticsText holds pieces of Go and, after "=>", what they print when they
// are compiled. They are separated by lines of "---".
//
//go:embed semantics.txt
var semanticsText string

// semanticsImports are the imports of the pieces.
var semanticsImports = []string{"errors", "fmt", "io", "math", "math/rand", "os", "sort", "strings", "sync", "time"}

// piece is a piece of Go and what it prints.
type piece struct{ code, want string }

func pieces() []piece {
	var list []piece
	for p := range strings.SplitSeq(semanticsText, "---\n") {
		code, want, _ := strings.Cut(p, "\n=>\n")
		list = append(list, piece{code, want})
	}
	return list
}

var semantics = []testCase{
	{"as compiled", "a cell prints what compiled Go prints, or refuses: never something else", func(s *Session) {
		s.Run("import (\n\"" + strings.Join(semanticsImports, "\"\n\"") + "\"\n)")
		for _, p := range pieces() {
			for _, code := range []string{p.code, "func body() {\n" + p.code + "\n}\nbody()"} {
				s.Run(code)
				if got := s.Out.Text("stdout"); got != p.want {
					s.fail("%s\nprints %q, compiled %q", code, got, p.want)
				}
			}
		}
	}},
	{"top-level defer", "a defer that cannot wait for the end of the cell is refused", func(s *Session) {
		_, err := s.Eval(context.Background(), "import \"fmt\"\nx := 1\ndefer func() { fmt.Print(x) }()\nx = 2")
		if got := s.Out.Text("stdout"); err == nil && got != "2" {
			s.fail("prints %q, want \"2\" or an error", got)
		}
	}},
}
