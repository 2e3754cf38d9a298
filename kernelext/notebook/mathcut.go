package notebook

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// formula is a piece of TeX in Markdown text.
type formula struct {
	tex     string // without its delimiters, but with \begin and \end
	source  string // as written
	display bool   // on a line of its own
}

// Formulas are cut out of Markdown before it is parsed and put back into the
// HTML, as Jupyter does: what stands in them is no Markdown. A formula's place
// is held by its index between two private characters.
const markOpen, markClose = "\ue000", "\ue001"

var (
	markPattern  = regexp.MustCompile(markOpen + `(\d+)` + markClose)
	fencePattern = regexp.MustCompile("^ {0,3}(```+|~~~+)")
	beginPattern = regexp.MustCompile(`^\\begin\{([A-Za-z]+\*?)\}`)
	blankLine    = regexp.MustCompile(`\n[ \t]*\n`)
)

// cutMath replaces the formulas of Markdown text by marks. It knows the
// delimiters of Jupyter: $…$, $$…$$, \\(…\\), \\[…\\] and
// \begin{…}…\end{…}; none of them counts inside code. A $ that nothing closes
// within its paragraph is a $.
func cutMath(src string) (string, []formula) {
	src = strings.NewReplacer(markOpen, "", markClose, "").Replace(src)
	var out strings.Builder
	var formulas []formula
	for i := 0; i < len(src); {
		if i == 0 || src[i-1] == '\n' {
			if n := fenceLength(src[i:]); n > 0 {
				out.WriteString(src[i : i+n])
				i += n
				continue
			}
		}
		switch src[i] {
		case '`':
			n := codeSpanLength(src[i:])
			out.WriteString(src[i : i+n])
			i += n
		case '$', '\\':
			f, n := formulaAt(src[i:])
			if n > 0 {
				fmt.Fprintf(&out, "%s%d%s", markOpen, len(formulas), markClose)
				formulas = append(formulas, f)
			} else {
				n = 1
				if src[i] == '\\' && i+1 < len(src) {
					n = 2
				}
				out.WriteString(src[i : i+n])
			}
			i += n
		default:
			out.WriteByte(src[i])
			i++
		}
	}
	return out.String(), formulas
}

// putMath replaces the marks in s by what render gives for their formulas.
func putMath(s string, formulas []formula, render func(formula) string) string {
	return markPattern.ReplaceAllStringFunc(s, func(mark string) string {
		i, err := strconv.Atoi(strings.Trim(mark, markOpen+markClose))
		if err != nil || i >= len(formulas) {
			return ""
		}
		return render(formulas[i])
	})
}

// fenceLength is the length of the fenced code block that s starts with, or 0.
func fenceLength(s string) int {
	m := fencePattern.FindStringSubmatch(s)
	if m == nil {
		return 0
	}
	closing := regexp.MustCompile(`(?m)^ {0,3}` + regexp.QuoteMeta(m[1]) + m[1][:1] + `*[ \t]*$`)
	first := strings.IndexByte(s, '\n')
	if first < 0 {
		return len(s)
	}
	if loc := closing.FindStringIndex(s[first+1:]); loc != nil {
		return first + 1 + loc[1]
	}
	return len(s)
}

// codeSpanLength is the length of the code span that s starts with, or of the
// backticks when nothing closes them.
func codeSpanLength(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "`"))
	for i := n; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		run := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		i += run
		if run == n {
			return i
		}
	}
	return n
}

// formulaAt reads the formula that s starts with; n is 0 when there is none.
func formulaAt(s string) (f formula, n int) {
	if m := beginPattern.FindStringSubmatch(s); m != nil {
		end := `\end{` + m[1] + `}`
		if i := strings.Index(s, end); i > 0 {
			n = i + len(end)
			return formula{tex: s[:n], source: s[:n], display: true}, n
		}
		return f, 0
	}
	for _, d := range []struct {
		open, close string
		display     bool
	}{{"$$", "$$", true}, {`\\[`, `\\]`, true}, {`\\(`, `\\)`, false}, {"$", "$", false}} {
		if !strings.HasPrefix(s, d.open) {
			continue
		}
		body := s[len(d.open):]
		i := closeOf(body, d.close)
		if i < 0 || strings.TrimSpace(body[:i]) == "" || !d.display && blankLine.MatchString(body[:i]) {
			return f, 0
		}
		n = len(d.open) + i + len(d.close)
		return formula{tex: strings.TrimSpace(body[:i]), source: s[:n], display: d.display}, n
	}
	return f, 0
}

// closeOf finds the delimiter that ends a formula: outside braces, and not
// behind a backslash of its own.
func closeOf(s, delim string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		if depth <= 0 && strings.HasPrefix(s[i:], delim) {
			return i
		}
		switch s[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	return -1
}
