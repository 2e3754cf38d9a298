package gomacro

import (
	"errors"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/internal/source"
)

// syntaxError is the error of a cell that go/parser refuses.
func (s *session) syntaxError(c *cell, err error) *engine.Error {
	o := &origin{name: c.in.Name, parsed: &source.Cell{Code: c.in.Code}}
	offset := -1
	var at *source.Error
	if errors.As(err, &at) {
		offset = at.Offset
	}
	return s.errorAt(o, offset, "CompileError", "syntax error: "+err.Error())
}

// limits refuses what gomacro cannot express and says what to write instead.
func (s *session) limits(o *origin) *engine.Error {
	for i := range o.parsed.Chunks {
		c := &o.parsed.Chunks[i]
		if c.Node == nil {
			continue
		}
		if at := deferred(c.Node); at != token.NoPos {
			return s.errorAt(o, c.Offset(at), "CompileError",
				"defer outside a function would run at once in the gomacro interpreter: write func() { … }() around the statements")
		}
		var at token.Pos
		ast.Inspect(c.Node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncType:
				if n.TypeParams != nil && at == token.NoPos {
					at = n.TypeParams.Pos()
				}
			case *ast.TypeSpec:
				if n.TypeParams != nil && at == token.NoPos {
					at = n.TypeParams.Pos()
				}
			case *ast.IndexListExpr:
				if at == token.NoPos {
					at = n.Pos()
				}
			}
			return at == token.NoPos
		})
		if at != token.NoPos {
			return s.errorAt(o, c.Offset(at), "CompileError",
				"type parameters are a limit of the gomacro interpreter: write the function or type for the types you need")
		}
	}
	return nil
}

// deferred is the place of a defer statement outside functions, if any.
func deferred(n ast.Node) (at token.Pos) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		case *ast.DeferStmt:
			if at == token.NoPos {
				at = n.Pos()
			}
			// the call's own literal is no reason to look further
			return false
		}
		return at == token.NoPos
	})
	return at
}

// located errors of gomacro start with file, line and column.
var place = regexp.MustCompile(`^cell(\d+):(\d+):(\d+): `)

// compileError translates what the compiler of gomacro panics with.
func (s *session) compileError(p *program, o *origin, value any) *engine.Error {
	offset := -1
	var list scanner.ErrorList
	var text string
	switch v := value.(type) {
	case scanner.ErrorList:
		list = v
	case error:
		if !errors.As(v, &list) {
			text = v.Error()
		}
		var fault runtime.Error
		if errors.As(v, &fault) {
			text = "in a constant expression: " + strings.TrimPrefix(text, "runtime error: ")
			offset = p.last
		}
	default:
		text = fmt.Sprint(v)
	}
	if len(list) > 0 {
		offset, text = o.offset(list[0].Pos.Offset), list[0].Msg
	}
	if m := place.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		line, _ := strconv.Atoi(m[2])
		column, _ := strconv.Atoi(m[3])
		offset = o.offset(byteOffset(o.text(), line, column))
	}
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "\n", ": ")), " ")
	text, offset = s.explain(o, text, offset)
	return s.errorAt(o, offset, "CompileError", text)
}

// byteOffset is the offset of a line and byte column, both from 1.
func byteOffset(code string, line, column int) int {
	at := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(code[at:], '\n')
		if next < 0 {
			return len(code)
		}
		at += next + 1
	}
	return min(at+column-1, len(code))
}

var (
	undefined  = regexp.MustCompile(`^undefined (?:identifier: (\w+)$|"(\w+)" in )`)
	notRange   = regexp.MustCompile(`^cannot range over (.*) <(.*)>$`)
	notMember  = regexp.MustCompile(`^(?:not a type: |undefined .* )?(\w+)\.(\w+) <\*ast\.SelectorExpr>$`)
	noSymbol   = regexp.MustCompile(`^package (\w+) "[^"]*" has no symbol (\w+)`)
	notType    = regexp.MustCompile(`^invalid qualified type, expecting packagename.identifier, found: (.*\.(\w+)) <`)
	noField    = regexp.MustCompile(`^type (.*) has no field or method "(\w+)"`)
	mismatched = regexp.MustCompile(`cannot convert untyped constant \{\w+ (.*)\} to <(.*)>$`)
)

// instead says what to write for a builtin that gomacro lacks.
var instead = map[string]string{
	"min":   "write math.Min, or an if",
	"max":   "write math.Max, or an if",
	"clear": "write for k := range m { delete(m, k) }, or a loop that sets the elements to zero",
}

// explain makes a message of gomacro readable and finds a better place for it
// at or after offset.
func (s *session) explain(o *origin, text string, offset int) (string, int) {
	if m := undefined.FindStringSubmatch(text); m != nil {
		name := m[1] + m[2]
		return s.undefinedName(name), o.find(name, offset)
	}
	if m := notRange.FindStringSubmatch(text); m != nil {
		switch {
		case strings.HasPrefix(m[2], "func"):
			return "range over a function is a limit of the gomacro interpreter: call it with a function literal, or use a method such as Next in a for loop", offset
		case strings.Contains(m[2], "int"):
			return fmt.Sprintf("range over an integer is a limit of the gomacro interpreter: write for i := 0; i < %s; i++", m[1]), offset
		}
	}
	for _, re := range []*regexp.Regexp{notMember, noSymbol} {
		if m := re.FindStringSubmatch(text); m != nil {
			if imp := s.imported(m[1]); imp != nil {
				return noMember(m[1], m[2], members(imp)), o.find(m[2], offset)
			}
		}
	}
	if m := notType.FindStringSubmatch(text); m != nil {
		return "undefined: " + m[1], o.find(m[2], offset)
	}
	if m := noField.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("type %s has no field or method %s", m[1], m[2]), o.find(m[2], offset)
	}
	if m := mismatched.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("cannot use %s as %s", m[1], m[2]), offset
	}
	return text, offset
}

// undefinedName is the message for a name that the session does not know.
func (s *session) undefinedName(name string) string {
	if what, ok := instead[name]; ok {
		return fmt.Sprintf("the builtin %s is a limit of the gomacro interpreter: %s", name, what)
	}
	for _, path := range packagePaths() {
		if tail(path) == name {
			return fmt.Sprintf("undefined: %s (import %q?)", name, path)
		}
	}
	if near := nearest(name, s.names()); near != "" {
		return fmt.Sprintf("undefined: %s (did you mean %s?)", name, near)
	}
	return "undefined: " + name
}

func noMember(pkg, name string, all []string) string {
	if near := nearest(name, all); near != "" {
		return fmt.Sprintf("undefined: %s.%s (did you mean %s.%s?)", pkg, name, pkg, near)
	}
	return fmt.Sprintf("undefined: %s.%s", pkg, name)
}

// find is the offset of the first word name at or after from, else from.
func (o *origin) find(name string, from int) int {
	code := o.parsed.Code
	start := max(from, 0)
	if start > len(code) {
		return from
	}
	re := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`)
	if at := re.FindStringIndex(code[start:]); at != nil {
		return start + at[0]
	}
	return from
}
