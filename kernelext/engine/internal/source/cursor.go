package source

import (
	"strings"
	"unicode"
)

// Context says what stands before the cursor.
type Context struct {
	Start   int    // code point where the word under the cursor starts
	Prefix  string // the word up to the cursor
	Operand string // what stands before the dot before the word, or ""
	Import  bool   // the cursor is in an import path
	Nothing bool   // the cursor is in a string, a comment or a number
}

// At describes the place of a cursor, counted in code points.
func At(code []rune, cursor int) Context {
	start := cursor
	for start > 0 && isWord(code[start-1]) {
		start--
	}
	ctx := Context{Start: start, Prefix: string(code[start:cursor])}
	switch inside(code[:cursor]) {
	case '"', '`':
		for start > 0 && code[start-1] != '"' && code[start-1] != '`' && code[start-1] != '\n' {
			start--
		}
		if imports(code[:start]) {
			return Context{Start: start, Prefix: string(code[start:cursor]), Import: true}
		}
		ctx.Nothing = true
	case '/', '\'':
		ctx.Nothing = true
	}
	if ctx.Prefix != "" && unicode.IsDigit([]rune(ctx.Prefix)[0]) {
		ctx.Nothing = true
	}
	if !ctx.Nothing {
		ctx.Operand = operand(code[:start])
		ctx.Nothing = ctx.Operand == "" && start > 0 && code[start-1] == '.'
	}
	return ctx
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// inside tells in what code ends: a string or rune (its quote), a comment
// ('/'), or 0.
func inside(code []rune) rune {
	for i := 0; i < len(code); {
		switch r := code[i]; {
		case r == '/' && i+1 < len(code) && code[i+1] == '/':
			for i < len(code) && code[i] != '\n' {
				i++
			}
			if i == len(code) {
				return '/'
			}
		case r == '/' && i+1 < len(code) && code[i+1] == '*':
			end := strings.Index(string(code[i+2:]), "*/")
			if end < 0 {
				return '/'
			}
			i += 2 + len([]rune(string(code[i+2:])[:end])) + 2
		case r == '"' || r == '\'' || r == '`':
			i++
			for i < len(code) && code[i] != r && (r == '`' || code[i] != '\n') {
				if code[i] == '\\' && r != '`' {
					i++
				}
				i++
			}
			if i >= len(code) {
				return r
			}
			i++
		default:
			i++
		}
	}
	return 0
}

// imports reports whether the string that opens at the end of code is an
// import path.
func imports(code []rune) bool {
	text := string(code[:max(len(code)-1, 0)])
	line := strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
	if f := strings.Fields(line); len(f) > 0 && len(f) <= 2 && f[0] == "import" {
		return true
	}
	open := strings.LastIndex(text, "import (")
	if open < 0 {
		open = strings.LastIndex(text, "import(")
	}
	return open >= 0 && !strings.Contains(text[open:], ")")
}

// operand is the primary expression that ends with the dot at the end of
// code, such as "a.b(1)[2]", or "".
func operand(code []rune) string {
	i := len(code)
	for i > 0 && unicode.IsSpace(code[i-1]) {
		i--
	}
	if i == 0 || code[i-1] != '.' {
		return ""
	}
	end := i - 1
	i = end
	for i > 0 {
		switch r := code[i-1]; {
		case isWord(r):
			for i > 0 && isWord(code[i-1]) {
				i--
			}
		case r == ')' || r == ']' || r == '}':
			if i = opening(code, i-1); i < 0 {
				return ""
			}
			if i > 0 && (isWord(code[i-1]) || code[i-1] == ')' || code[i-1] == ']') {
				continue
			}
		default:
			return strings.TrimSpace(string(code[i:end]))
		}
		if i == 0 || code[i-1] != '.' {
			return strings.TrimSpace(string(code[i:end]))
		}
		i--
	}
	return ""
}

// opening is the index of the bracket that the one at i closes, or -1.
func opening(code []rune, i int) int {
	depth := 0
	for ; i >= 0; i-- {
		switch code[i] {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
