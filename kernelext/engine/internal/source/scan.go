package source

import (
	"go/scanner"
	"go/token"
	"strings"
)

// scanned is what one pass of go/scanner tells about a cell.
type scanned struct {
	chunks  []Chunk
	open    []int // offsets of the brackets that are never closed
	closing int   // offset of the first bracket that closes nothing, or -1
	err     error // the first lexical error, an *Error
	// unterminated says that the cell ends inside a raw string or a comment.
	unterminated bool
	// dangling says that the last token asks for more, as an operator does.
	dangling bool
}

// scan splits a cell at the semicolons, written or implied, outside brackets.
func scan(code string) *scanned {
	s := &scanned{closing: -1}
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(code))
	var sc scanner.Scanner
	sc.Init(file, []byte(code), func(pos token.Position, msg string) {
		if s.err == nil {
			s.err = &Error{pos.Offset, msg}
			s.unterminated = strings.HasPrefix(msg, "raw string literal not") || strings.HasPrefix(msg, "comment not")
		}
	}, 0)
	var toks []token.Token // of the current chunk
	var head header
	start := -1
	for {
		pos, tok, lit := sc.Scan()
		at := file.Offset(pos)
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && len(s.open) == 0 && !(head.open && lit == ";") {
			s.dangling = false
			if start >= 0 {
				s.add(toks, start, at)
			}
			toks, start, head = nil, -1, header{}
			continue
		}
		if start < 0 {
			start = at
		}
		toks = append(toks, tok)
		head.next(tok, len(s.open))
		s.bracket(tok, at)
		s.dangling = !(tok == token.SEMICOLON && lit == "\n")
	}
	if start >= 0 {
		s.add(toks, start, len(strings.TrimRight(code, " \t\r\n")))
	}
	return s
}

// header follows the clause between a for, if or switch and its block, where
// a semicolon separates no statements.
type header struct{ open, fn bool }

func (h *header) next(tok token.Token, depth int) {
	if depth > 0 {
		return
	}
	switch tok {
	case token.FOR, token.IF, token.SWITCH:
		h.open, h.fn = true, false
	case token.FUNC:
		h.fn = true
	case token.LBRACE:
		if h.fn {
			h.fn = false // the body of a function literal inside the clause
		} else {
			h.open = false
		}
	}
}

// bracket keeps the stack of open brackets.
func (s *scanned) bracket(tok token.Token, at int) {
	switch tok {
	case token.LPAREN, token.LBRACK, token.LBRACE:
		s.open = append(s.open, at)
	case token.RPAREN, token.RBRACK, token.RBRACE:
		if n := len(s.open); n > 0 {
			s.open = s.open[:n-1]
		} else if s.closing < 0 {
			s.closing = at
		}
	}
}

func (s *scanned) add(toks []token.Token, start, end int) {
	s.chunks = append(s.chunks, Chunk{Kind: kindOf(toks), Start: start, End: end})
}

// kindOf classifies a chunk by its tokens.
func kindOf(toks []token.Token) Kind {
	switch toks[0] {
	case token.PACKAGE:
		return Package
	case token.IMPORT:
		return Import
	case token.FUNC:
		if len(toks) > 1 && toks[1] == token.IDENT || isMethod(toks) {
			return Func
		}
		return FuncLit
	}
	return Stmt
}

// isMethod reports whether toks, which start with "func (", declare a method:
// after the first parenthesis comes a name and then another parenthesis.
func isMethod(toks []token.Token) bool {
	depth := 0
	for i := 1; i < len(toks); i++ {
		switch toks[i] {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			depth--
		}
		if depth == 0 {
			return i+2 < len(toks) && toks[i+1] == token.IDENT && (toks[i+2] == token.LPAREN || toks[i+2] == token.LBRACK)
		}
	}
	return false
}
