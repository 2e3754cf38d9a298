package theory

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Origin says how a page was made.
type Origin struct {
	Command string // such as "lowrank theory"
	Version string // of the library
	Arch    string // GOARCH
	Variant string // inner loops, see lowrankgo.Variant
	Effort  Effort
}

// section is a part of the page: the items whose names begin so.
type section struct{ title, text, prefix string }

// sections in the order of the page; an item belongs to the first that fits.
var sections = []section{
	{"[G] Objectives", "Value, gradient and Hessian products against each other by differences of five points, which are exact for polynomials of degree 4: the residual is the larger one of gradient and Hessian product. The Q of completion is not smooth enough where a row has length α, and the losses of one bit are no polynomials: there the differences themselves are less exact.", "[G] ("},
	{"[G] Definitions, lemmas and theorems", "", "[G] "},
	{"[L] Objectives", "Compared as those of [G].", "[L] ("},
	{"[L] Definitions, lemmas, theorems and figures", "", "[L] "},
	{"Remarks", "What the papers say beside their numbered items, and what is true beside what they print.", "Remark"},
	{"Where the theorems stop", "", ""},
}

// WritePage writes the lines as Markdown: what each item states, which function
// computes it, which test checks it, and what an ensemble of instances showed.
func WritePage(w io.Writer, lines []Line, o Origin) error {
	var b strings.Builder
	b.WriteString(head)
	rest := lines
	for _, s := range sections {
		var in []Line
		in, rest = divide(rest, s.prefix)
		if len(in) > 0 {
			s.write(&b, in)
		}
	}
	size := "full ensembles"
	if o.Effort.Quick {
		size = "quick ensembles, of about a tenth"
	}
	fmt.Fprintf(&b, "## How this page was made\n\nBy `%s`: %d items, %s, seed %d, lowrankgo %s on %s with %s loops. The same command gives the same page on the same architecture and loops, for any number of threads.\nItems that these numbers contradict: %s.\n",
		o.Command, len(lines), size, o.Effort.Seed, o.Version, o.Arch, o.Variant, contradicted(lines))
	_, err := io.WriteString(w, b.String())
	return err
}

const head = `# The theory, item by item

Every numbered item of the two papers, the function that computes it, the test that checks it, and what it came to on an ensemble of random instances.

**[G]** Ge, Jin, Zheng, *No Spurious Local Minima in Nonconvex Low Rank Problems*, ICML 2017, [arXiv:1704.00708](https://arxiv.org/abs/1704.00708);
**[L]** Li, Li, Zhu, Tang, Wakin, *The Global Geometry of Centralized and Distributed Low-rank Matrix Recovery without Regularization*, 2020, [arXiv:2003.10981](https://arxiv.org/abs/2003.10981).
Norms are Frobenius unless marked ₂ (spectral) or ₊ (nuclear). E = M − M\*; Δ is the aligned difference of Def 6.

How to read what was measured:

- **residual** of an identity or a closed form: the largest of |left − right| as a part of what was added up.
- **violated** of an inequality: how many of its instances had left > right beyond rounding, and how near to equality the closest came (1 is attained).
- **a of b (interval)**: a proportion of runs, with the Clopper–Pearson interval of its probability.
- **empirical**: a constant that the paper leaves open, as these instances show it, with its range. Nothing is claimed of others: an asymptotic statement is not verified by numbers.

`

// contradicted names the items that fail.
func contradicted(lines []Line) string {
	var names []string
	for _, l := range lines {
		if l.Measurement.Fails() {
			names = append(names, escape(l.Item.Name))
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

// divide splits lines into those whose item's name has the prefix, and others.
func divide(lines []Line, prefix string) (in, out []Line) {
	for _, l := range lines {
		if strings.HasPrefix(l.Item.Name, prefix) {
			in = append(in, l)
		} else {
			out = append(out, l)
		}
	}
	return in, out
}

func (s section) write(b *strings.Builder, lines []Line) {
	fmt.Fprintf(b, "## %s\n\n", s.title)
	if s.text != "" {
		fmt.Fprintf(b, "%s\n\n", s.text)
	}
	b.WriteString("| item | computed by, tested by | measured | hypotheses |\n|---|---|---|---|\n")
	for _, l := range lines {
		fmt.Fprintln(b, row(l))
	}
	b.WriteString("\n")
}

// row is a line as a row of the table.
func row(l Line) string {
	left := label(l.Item)
	by := links(l.Item)
	hypotheses := escape(l.Item.Hypotheses)
	if hypotheses == "" {
		hypotheses = "none"
	}
	if l.Measurement.Met != "" {
		hypotheses += "<br>met: " + escape(l.Measurement.Met)
	}
	return fmt.Sprintf("| %s | %s | %s | %s |", left, by, Summary(l.Measurement, "<br>", escape), hypotheses)
}

// label is an item's name and statement, as the page has them.
func label(i Item) string { return "**" + escape(i.Name) + "**<br>" + escape(i.Statement) }

// links are an item's functions, linked to their documentation, and its tests.
func links(i Item) string {
	var parts []string
	for _, f := range i.Functions {
		pkg, name, _ := strings.Cut(f, ".")
		path := "github.com/lowrankgo/lowrank/lowrankgo"
		if pkg != "lowrankgo" {
			path += "/" + pkg
		}
		parts = append(parts, fmt.Sprintf("[%s](https://pkg.go.dev/%s#%s)", f, path, name))
	}
	for _, t := range i.Tests {
		parts = append(parts, "`"+t+"`")
	}
	return strings.Join(parts, "<br>")
}

// Summary is a measurement in words, its parts joined by sep. Texts that are
// not ours pass through escape; nil leaves them.
func Summary(m Measurement, sep string, escape func(string) string) string {
	if escape == nil {
		escape = func(s string) string { return s }
	}
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if !math.IsNaN(m.Residual) {
		add("residual %.1e on %s instances", m.Residual, grouped(m.Instances))
	}
	if !math.IsNaN(m.Closest) || m.Violations > 0 {
		add("%s of %s violated", grouped(m.Violations), grouped(m.Instances))
		if !math.IsNaN(m.Closest) {
			parts[len(parts)-1] += fmt.Sprintf(", closest ratio %.5g", m.Closest)
		}
	}
	if m.Proportion != nil {
		add("%v", *m.Proportion)
	}
	if c := m.Constant; c != nil {
		add("empirical %s: %.3g (%.3g to %.3g)", escape(c.Name), c.Value, c.Low, c.High)
	}
	if len(parts) == 0 {
		add("%s instances", grouped(m.Instances))
	}
	if m.Note != "" {
		add("%s", escape(m.Note))
	}
	return strings.Join(parts, sep)
}

// grouped writes n with a comma before each three digits.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// escape keeps Markdown and HTML from reading a formula as their own.
func escape(s string) string { return escaper.Replace(strings.ReplaceAll(s, "\n", " ")) }

var escaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "|", `\|`, "`", "\\`", "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "~", `\~`, "&", "&amp;")
