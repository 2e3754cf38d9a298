package notebook

import (
	"os"
	"strings"
	"testing"
)

func TestCutMath(t *testing.T) {
	const m0, m1 = markOpen + "0" + markClose, markOpen + "1" + markClose
	for _, tc := range []struct {
		name, in, text string
		tex            []string // display formulas begin with D
	}{
		{"none", "plain", "plain", nil},
		{"inline", "a $x_1$ b", "a " + m0 + " b", []string{"x_1"}},
		{"two", "$a*b$ and $c*d$", m0 + " and " + m1, []string{"a*b", "c*d"}},
		{"display", "$$\na\n- b\n= c\n$$", m0, []string{"Da\n- b\n= c"}},
		{"jupyter brackets", `\\(x\\) \\[y\\]`, m0 + " " + m1, []string{"x", "Dy"}},
		{"escaped brackets", `\[L\] \(x\)`, `\[L\] \(x\)`, nil},
		{"environment", "\\begin{align}a\\\\b\\end{align} c", m0 + " c", []string{"D\\begin{align}a\\\\b\\end{align}"}},
		{"open environment", `\begin{align}a`, `\begin{align}a`, nil},
		{"escaped dollar", `\$5 and \$6`, `\$5 and \$6`, nil},
		{"lonely dollar", "costs $5", "costs $5", nil},
		{"across paragraphs", "$5 now\n\nand $6", "$5 now\n\nand $6", nil},
		{"dollar in braces", `$x \text{ if $y$}$`, m0, []string{`x \text{ if $y$}`}},
		{"code span", "`$x$` $y$", "`$x$` " + m0, []string{"y"}},
		{"long code span", "``a ` $x$`` $y$", "``a ` $x$`` " + m0, []string{"y"}},
		{"open code span", "` $y$", "` " + m0, []string{"y"}},
		{"fence", "```go\n$x$\n```\n$y$", "```go\n$x$\n```\n" + m0, []string{"y"}},
		{"open fence", "~~~\n$x$", "~~~\n$x$", nil},
		{"fence without line", "```", "```", nil},
		{"empty", "$$ $$ $ $", "$$ $$ $ $", nil},
		{"private characters", markOpen + "0" + markClose, "0", nil},
		{"last backslash", `a\`, `a\`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text, formulas := cutMath(tc.in)
			if text != tc.text {
				t.Errorf("text %q, want %q", text, tc.text)
			}
			var tex []string
			for _, f := range formulas {
				if f.display {
					f.tex = "D" + f.tex
				}
				tex = append(tex, f.tex)
			}
			if strings.Join(tex, "|") != strings.Join(tc.tex, "|") {
				t.Errorf("formulas %q, want %q", tex, tc.tex)
			}
			back := putMath(text, formulas, func(f formula) string { return f.source })
			if tc.name != "private characters" && back != tc.in {
				t.Errorf("put back: %q, want %q", back, tc.in)
			}
		})
	}
}

func FuzzCutMath(f *testing.F) {
	for _, s := range []string{"a $x$ `$y$` \\\\(z\\\\)", "$$\n\\begin{a}\\end{a}$$", "```\n$\n```", "\\begin{x}\\end{x}$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, markOpen) || strings.Contains(s, markClose) {
			return
		}
		text, formulas := cutMath(s)
		if back := putMath(text, formulas, func(f formula) string { return f.source }); back != s {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}

func render(t *testing.T, src string, attachments map[string]any) (string, *markdown) {
	t.Helper()
	md := newMarkdown(&texer{})
	out, err := md.render(src, attachments)
	if err != nil {
		t.Fatal(err)
	}
	return out, md
}

func TestEveryFormulaOfTheSampleIsRight(t *testing.T) {
	src, err := os.ReadFile("testdata/formulas.md")
	if err != nil {
		t.Fatal(err)
	}
	out, md := render(t, string(src), nil)
	if len(md.tex.problems) != 0 {
		t.Errorf("problems: %q", md.tex.problems)
	}
	for _, want := range []string{
		"<mi>‖</mi>", "⊤</m", "<mfrac>", `<mi class="mathcal">𝒜</mi>`, "<mtable", "<munderover>", "<msqrt>", "<mtext>if",
		`encoding="application/x-tex"`, "<table>", "Prices are $5", "<code>$x$</code>",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(out, markOpen) {
		t.Error("a mark is left")
	}
}

func TestFormulaThatIsNotTeX(t *testing.T) {
	out, md := render(t, `bad $\nosuch{<x>}$ and $\frac{1$`, nil)
	if len(md.tex.problems) == 0 || !strings.Contains(md.tex.problems[0], `\nosuch`) {
		t.Errorf("problems: %q", md.tex.problems)
	}
	if !strings.Contains(out, `$\nosuch{&lt;x&gt;}$</code>`) {
		t.Errorf("the formula is not shown as written: %s", out)
	}
}

func TestHeadingsHaveJupytersAnchors(t *testing.T) {
	out, md := render(t, "# The *loss* of $x$\n\n## The claims\n\n## The claims\n\n## $y$", nil)
	for _, want := range []string{`id="The-loss-of"`, `id="The-claims"`, `id="The-claims-1"`, `id="section"`} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in %s", want, out)
		}
	}
	if len(md.headings) != 4 || md.headings[0].Text != "The loss of $x$" || md.headings[1].ID != "The-claims" {
		t.Errorf("headings %+v", md.headings)
	}
	again, err := md.render("## The claims", nil)
	if err != nil || !strings.Contains(again, `id="The-claims-2"`) {
		t.Errorf("the next cell: %s, %v", again, err)
	}
}

func TestLinksAndPictures(t *testing.T) {
	const png = "iVBORw0KGgo="
	out, _ := render(t, `[a](scalar-landscape.ipynb#The-saddle) [b](https://example.org/x.ipynb) [c](#x)
![in](attachment:p%20q.png) ![out](https://example.org/x.png) ![](y.png) ![gone](attachment:no.png) ![svg](attachment:v.svg)`,
		map[string]any{"p q.png": map[string]any{"image/png": png}, "v.svg": map[string]any{"image/svg+xml": "<svg/>"}})
	for _, want := range []string{
		`href="scalar-landscape.html#The-saddle"`, `href="https://example.org/x.ipynb"`, `href="#x"`,
		`<img src="data:image/png;base64,` + png + `" alt="in">`,
		`<a href="https://example.org/x.png">out</a>`, `<a href="y.png">y.png</a>`, `<a href="attachment:no.png">gone</a>`,
		`src="data:image/svg+xml;base64,PHN2Zy8+"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in\n%s", want, out)
		}
	}
	if strings.Contains(out, `<img src="http`) {
		t.Error("a picture is fetched from a host")
	}
}

func TestCodeBlocksAreHighlighted(t *testing.T) {
	out, _ := render(t, "```go\nfunc f() {}\n```\n\n```\na<b\n```\n\n```nosuchlanguage\nc<d\n```", nil)
	for _, want := range []string{`<span class="kd">func</span>`, "a&lt;b", "c&lt;d"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in\n%s", want, out)
		}
	}
}
