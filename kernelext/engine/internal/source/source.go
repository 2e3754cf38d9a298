// Package source reads the Go of a notebook cell: a mix of imports,
// declarations and statements that may end in an expression, which no single
// entry of go/parser accepts. It splits a cell into chunks, parses each one
// with go/parser, and says whether a cell is complete.
//
// Every engine uses it, so that a syntax error reads the same whoever
// interprets the cell.
package source

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// Kind is the syntactic class of a chunk.
type Kind int

// The kinds of chunk.
const (
	Stmt    Kind = iota // a statement, or a var, const or type declaration
	Import              // an import declaration
	Func                // a function or method declaration
	FuncLit             // a statement that starts with a function literal
	Package             // a package clause
)

// Chunk is the source of one top-level declaration or statement of a cell.
type Chunk struct {
	Kind       Kind
	Start, End int      // byte offsets in the cell
	Node       ast.Node // *ast.GenDecl, *ast.FuncDecl or ast.Stmt; nil for a package clause

	base int // what to add to a token.Pos of Node to get a byte offset
}

// Offset is the byte offset in the cell of a position inside c.Node.
func (c *Chunk) Offset(p token.Pos) int {
	return min(max(int(p)+c.base, c.Start), c.End)
}

// Cell is a parsed cell.
type Cell struct {
	Code   string
	Chunks []Chunk
}

// Error is a syntax error at a byte offset of the cell.
type Error struct {
	Offset  int
	Message string
}

func (e *Error) Error() string { return e.Message }

// Parse parses a cell. The error, if any, is an *Error and describes the
// first mistake.
func Parse(code string) (*Cell, error) {
	s := scan(code)
	if s.err != nil {
		return nil, s.err
	}
	if s.closing >= 0 {
		return nil, &Error{s.closing, "unexpected closing bracket " + code[s.closing:s.closing+1]}
	}
	if n := len(s.open); n > 0 {
		o := s.open[n-1]
		return nil, &Error{o, "bracket " + code[o:o+1] + " is never closed"}
	}
	for i := range s.chunks {
		if err := s.chunks[i].parse(code); err != nil {
			return nil, err
		}
	}
	return &Cell{Code: code, Chunks: s.chunks}, nil
}

// Position turns a byte offset into a line and a column, both from 1; the
// column counts code points.
func Position(code string, offset int) (line, column int) {
	before := code[:min(max(offset, 0), len(code))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, len([]rune(before[start:])) + 1
}

// Line returns the text of a line, counted from 1, or "".
func Line(code string, line int) string {
	lines := strings.Split(code, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return strings.TrimRight(lines[line-1], "\r")
}

// parse fills c.Node.
func (c *Chunk) parse(code string) error {
	text := code[c.Start:c.End]
	var head, tail string
	switch c.Kind {
	case Package:
		return nil
	case Import, Func:
		head = "package p;"
	default:
		head, tail = "package p;func _(){", "\n}"
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", head+text+tail, parser.SkipObjectResolution)
	c.base = c.Start - len(head) - 1
	if err != nil {
		return c.syntaxError(err, len(head))
	}
	if c.Kind == Import || c.Kind == Func {
		c.Node = f.Decls[0]
		return nil
	}
	body := f.Decls[0].(*ast.FuncDecl).Body
	if len(f.Decls) > 1 || len(body.List) == 0 {
		return nil // a lone semicolon
	}
	c.Node = body.List[0]
	return nil
}

// syntaxError moves an error of go/parser from its file to the cell.
func (c *Chunk) syntaxError(err error, head int) error {
	list, ok := err.(scanner.ErrorList)
	if !ok || len(list) == 0 {
		return &Error{c.Start, err.Error()}
	}
	first := list[0]
	at := min(max(first.Pos.Offset-head+c.Start, c.Start), c.End)
	return &Error{at, first.Msg}
}
