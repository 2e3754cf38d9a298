package gomacro

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"runtime"
	"strings"

	"github.com/cosmos72/gomacro/fast"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/engine/internal/source"
)

// shownFrames is how many frames of a deep call stack a traceback shows.
const shownFrames = 12

// frame is a place in a cell.
type frame struct {
	cell, function string
	line, column   int
	before, source string // the line before, and the line itself
}

// frame describes a byte offset of the cell.
func (o *origin) frame(offset int) frame {
	code := o.parsed.Code
	line, column := source.Position(code, offset)
	f := frame{cell: o.name, line: line, column: column, source: source.Line(code, line)}
	if line > 1 {
		f.before = source.Line(code, line-1)
	}
	f.function = o.function(offset)
	return f
}

// function names the innermost function around offset.
func (o *origin) function(offset int) string {
	for i := range o.parsed.Chunks {
		c := &o.parsed.Chunks[i]
		if c.Node == nil || offset < c.Start || offset >= c.End {
			continue
		}
		name := ""
		ast.Inspect(c.Node, func(n ast.Node) bool {
			if n == nil || offset < c.Offset(n.Pos()) || offset >= c.Offset(n.End()) {
				return false
			}
			switch n := n.(type) {
			case *ast.FuncDecl:
				name = n.Name.Name
			case *ast.FuncLit:
				if offset >= c.Offset(n.Body.Pos()) {
					name = "func literal"
				}
			}
			return true
		})
		return name
	}
	return ""
}

// text is the frame as a traceback shows it: a title, the source line and a
// caret below the column.
func (f frame) text() string {
	name := f.cell
	if name == "" {
		name = "cell"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, line %d", name, f.line)
	if f.function != "" {
		fmt.Fprintf(&b, ", in %s", f.function)
	}
	if strings.TrimSpace(f.before) != "" {
		fmt.Fprintf(&b, "\n%5d | %s", f.line-1, f.before)
	}
	fmt.Fprintf(&b, "\n%5d | %s", f.line, f.source)
	indent := []rune(f.source)
	indent = indent[:min(f.column-1, len(indent))]
	for i, r := range indent {
		if r != '\t' {
			indent[i] = ' '
		}
	}
	fmt.Fprintf(&b, "\n      | %s^", string(indent))
	return b.String()
}

// panicError describes a panic that ended a cell: first the compiled frames
// between the panic and the interpreter, then the interpreted ones, innermost
// first.
func (s *session) panicError(c *cell, p *program, run *fast.Run, env *fast.Env, value any) *engine.Error {
	message := panicText(value)
	e := plainError("Panic", message)
	if stopped(value) {
		e = plainError("Interrupted", "the cell was stopped")
	} else {
		e.Traceback = append(e.Traceback, compiledFrames()...)
	}
	s.mu.Lock()
	frames, reached := s.interpretedFrames(p, run, env)
	s.mu.Unlock()
	s.forget(p, reached)
	e.Traceback = append(e.Traceback, frameTexts(frames)...)
	for _, f := range frames { // the innermost place within this very cell
		if f.cell == c.in.Name {
			e.Line, e.Column = f.line, f.column
			break
		}
	}
	return e
}

// frameTexts are the frames as text: a call repeated by recursion once, and of
// a deep stack the innermost ones and the outermost.
func frameTexts(frames []frame) []string {
	var list []string
	for i := 0; i < len(frames); i++ {
		if len(list) == shownFrames && len(frames)-i > 1 {
			list = append(list, fmt.Sprintf("… %d more calls …", len(frames)-i-1))
			i = len(frames) - 1
		}
		list = append(list, frames[i].text())
		again := 0
		for i+1 < len(frames) && frames[i+1] == frames[i] {
			i, again = i+1, again+1
		}
		if again > 0 {
			list = append(list, fmt.Sprintf("… the same call %d times more …", again))
		}
	}
	return list
}

// interpretedFrames walks gomacro's call stack. It also returns the offset in
// the cell that execution had reached at the top level.
func (s *session) interpretedFrames(p *program, run *fast.Run, file *fast.Env) (frames []frame, reached int) {
	seen := map[*fast.Env]bool{}
	top := false
	reached = p.last // the last expression records no position
	for env := run.CurrEnv; env != nil && !seen[env] && len(frames) < 10000; {
		seen[env] = true
		inner := env
		for env != nil && env.Caller == nil && env != file {
			env = env.Outer
		}
		if o, offset, ok := s.place(inner); ok {
			frames = append(frames, o.frame(offset))
			if env == file {
				top, reached = true, offset
			}
		}
		if env == nil || env == file {
			break
		}
		env = env.Caller
	}
	if o := s.origins[p.file]; !top && o != nil {
		frames = append(frames, o.frame(p.last))
	}
	return frames, reached
}

// place is where the statement that env executes stands.
func (s *session) place(env *fast.Env) (*origin, int, bool) {
	if env.IP < 0 || env.IP >= len(env.DebugPos) {
		return nil, 0, false
	}
	return s.position(env.DebugPos[env.IP])
}

func (s *session) position(pos token.Pos) (*origin, int, bool) {
	if pos == token.NoPos {
		return nil, 0, false
	}
	at := s.ir.Comp.Fileset.Position(pos)
	o := s.origins[at.Filename]
	if o == nil {
		return nil, 0, false
	}
	return o, o.offset(at.Offset), true
}

// compiledFrames lists the frames of compiled code between the panic and the
// interpreter. It must be called by the function that recovers.
func compiledFrames() []string {
	pcs := make([]uintptr, 256)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var list []string
	panicked := false
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicked, list = true, nil // an earlier panic is further down
		case !panicked || strings.HasPrefix(f.Function, "runtime."):
		case isInterpreter(f.Function):
			panicked = false
		default:
			list = append(list, "at "+compiledFrame(f))
		}
	}
	return list[:min(len(list), shownFrames)]
}

func isInterpreter(function string) bool {
	return strings.HasPrefix(function, "github.com/cosmos72/gomacro/") ||
		strings.HasPrefix(function, "reflect.") ||
		strings.HasPrefix(function, "github.com/lowrankgo/lowrank/kernelext/engine/")
}

// compiledFrame shortens a frame to "mat.(*Dense).At (dense.go:87)".
func compiledFrame(f runtime.Frame) string {
	name := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
	return fmt.Sprintf("%s (%s:%d)", name, path.Base(f.File), f.Line)
}

// panicText is the value of a panic for people. What reflect says for the
// interpreter becomes what compiled code would have said.
func panicText(value any) string {
	var text string
	switch v := value.(type) {
	case error:
		text = v.Error()
	case fmt.Stringer:
		text = v.String()
	default:
		text = fmt.Sprint(v)
	}
	switch {
	case strings.HasPrefix(text, "reflect: ") && strings.HasSuffix(text, " index out of range"):
		return "runtime error: " + strings.TrimPrefix(text, "reflect: ")
	case strings.HasPrefix(text, "reflect: call of ") && strings.HasSuffix(text, " on zero Value"):
		return "runtime error: invalid memory address or nil pointer dereference"
	}
	return text
}

// oneLine is the first line of s, for a message.
func oneLine(s string) string {
	first, rest, more := strings.Cut(strings.TrimSpace(s), "\n")
	if more && strings.TrimSpace(rest) != "" {
		return strings.TrimSpace(first) + " …"
	}
	return first
}
