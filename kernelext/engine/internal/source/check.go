package source

import (
	"strings"

	"github.com/lowrankgo/lowrank/kernelext/engine"
)

// Check says whether a cell is ready to run. It is "incomplete" while a
// bracket, a raw string or a comment is open or the last token asks for more,
// with one tab of indent per open bracket pair; "invalid" when no
// continuation can mend it; and else "complete".
func Check(code string) engine.Completeness {
	s := scan(code)
	switch {
	case s.closing >= 0:
		return engine.Completeness{Status: "invalid"}
	case s.unterminated:
		return engine.Completeness{Status: "incomplete"}
	case s.err != nil:
		return engine.Completeness{Status: "invalid"}
	case len(s.open) > 0:
		return engine.Completeness{Status: "incomplete", Indent: strings.Repeat("\t", len(s.open))}
	case s.dangling:
		return engine.Completeness{Status: "incomplete", Indent: "\t"}
	}
	for i := range s.chunks {
		if s.chunks[i].parse(code) != nil {
			return engine.Completeness{Status: "invalid"}
		}
	}
	return engine.Completeness{Status: "complete"}
}
