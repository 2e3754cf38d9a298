package notebook

import (
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/dop251/goja"
)

//go:embed assets/temml.min.js
var temmlJS string

//go:embed assets/temml.css
var temmlCSS string

//go:embed assets/stix-two-math.woff2
var mathFont []byte

// texer turns TeX into MathML, which browsers show without a script. It runs
// Temml in a JavaScript interpreter, loaded at the first formula. One goroutine
// at a time.
type texer struct {
	call     func(tex string, display bool) (string, error)
	problems []string // formulas that are not TeX, each with the reason
	used     bool     // a formula was rendered since used was last set to false
}

func (t *texer) load() error {
	vm := goja.New()
	if _, err := vm.RunScript("temml.min.js", temmlJS); err != nil {
		return err
	}
	v, err := vm.RunString(`(function (tex, display) {
		return temml.renderToString(tex, {displayMode: display, throwOnError: true, annotate: true, colorIsTextColor: true})
	})`)
	if err != nil {
		return err
	}
	render, ok := goja.AssertFunction(v)
	if !ok {
		return errors.New("temml: not a function")
	}
	t.call = func(tex string, display bool) (string, error) {
		out, err := render(goja.Undefined(), vm.ToValue(tex), vm.ToValue(display))
		if err != nil {
			return "", err
		}
		s, ok := out.Export().(string)
		if !ok {
			return "", errors.New("temml: not text")
		}
		return s, nil
	}
	return nil
}

// render gives the MathML of f. A formula that is not TeX is shown as it was
// written and recorded as a problem.
func (t *texer) render(f formula) string {
	t.used = true
	s, err := t.mathML(f)
	if err == nil {
		return s
	}
	reason, _, _ := strings.Cut(err.Error(), "\n")
	reason = strings.TrimSpace(reason)
	t.problems = append(t.problems, fmt.Sprintf("formula %s: %s", f.source, reason))
	return `<code class="tex" title="` + html.EscapeString(reason) + `">` + html.EscapeString(f.source) + `</code>`
}

func (t *texer) mathML(f formula) (string, error) {
	if t.call == nil {
		if err := t.load(); err != nil {
			return "", err
		}
	}
	display := f.display
	// Environments of whole lines exist in display style only.
	if strings.HasPrefix(f.tex, `\begin{align`) || strings.HasPrefix(f.tex, `\begin{equation`) || strings.HasPrefix(f.tex, `\begin{gather`) {
		display = true
	}
	return t.call(f.tex, display)
}

// mathCSS is the style of MathML with its font inside.
func mathCSS() string {
	return `@font-face{font-family:"lowrank math";src:url(data:font/woff2;base64,` +
		base64.StdEncoding.EncodeToString(mathFont) + `) format("woff2")}` + "\n" + temmlCSS
}
