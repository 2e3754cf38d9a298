package notebook

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/lowrankgo/lowrank/kernelext/show"
)

const testSVG = `<?xml version="1.0"?>
<!-- made by hand -->
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9" aria-labelledby="t d">
<title id="t">Loss of <![CDATA[gradient]]> descent</title><defs><clipPath id="c"><rect width="9" height="9"/></clipPath></defs>
<g clip-path="url(#c)"><use xlink:href="#g"/><use href="#c"/><a href="#elsewhere"/></g></svg>`

func TestInlineSVG(t *testing.T) {
	out, ok := inlineSVG(testSVG, "f1-")
	if !ok {
		t.Fatal("refused")
	}
	for _, want := range []string{`id="f1-t"`, `id="f1-c"`, `url(#f1-c)`, `href="#f1-c"`, `aria-labelledby="f1-t d"`, `xlink:href="#g"`, `href="#elsewhere"`} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is missing in %s", want, out)
		}
	}
	if !strings.HasPrefix(out, "<svg") {
		t.Errorf("prolog left: %.40s", out)
	}
	if err := xml.Unmarshal([]byte(out), new(struct{})); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "no picture", "<svg", "<svg><g></svg>", "<svg></svg></div>", "<svg/><svg/>"} {
		if _, ok := inlineSVG(bad, "x"); ok {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestOutputs(t *testing.T) {
	data := func(kv ...any) *Output {
		o := &Output{Type: DisplayData, Data: map[string]any{}}
		for i := 0; i < len(kv); i += 2 {
			o.Data[kv[i].(string)] = kv[i+1]
		}
		return o
	}
	sized := data(show.PNGMIME, "aGk=\n", show.TextMIME, "a plot\nof \"x\"")
	sized.Metadata = map[string]any{show.PNGMIME: map[string]any{"width": json.Number("300")}}
	named := data(show.SVGMIME, testSVG)
	named.Metadata = map[string]any{show.SVGMIME: map[string]any{"alt": "named <alt>"}}
	for _, tc := range []struct {
		name string
		out  *Output
		want string
	}{
		{"stdout", &Output{Type: Stream, Name: "stdout", Text: "a<b\x1b[31mred\x1b[0m\n10%\r20%\r\n"}, `<pre class="stream" tabindex="0">a&lt;bred` + "\n20%\n</pre>"},
		{"stderr", &Output{Type: Stream, Name: "stderr", Text: "x"}, `class="stream stderr"`},
		{"error", &Output{Type: Error, EName: "Panic", EValue: "v", Traceback: []string{"\x1b[1mIn [1]\x1b[0m", "<v>"}}, ">In [1]\n&lt;v&gt;</pre>"},
		{"error without traceback", &Output{Type: Error, EName: "Panic", EValue: "v"}, ">Panic: v</pre>"},
		{"svg before png", data(show.PNGMIME, "aGk=", show.SVGMIME, testSVG), `<figure role="img" aria-label="Loss of`},
		{"alt of metadata", named, `aria-label="named &lt;alt&gt;"`},
		{"broken svg", data(show.PNGMIME, "aGk=", show.SVGMIME, "<svg>"), `<img src="data:image/png;base64,aGk="`},
		{"png", sized, `<img src="data:image/png;base64,aGk=" alt="a plot of &#34;x&#34;" width="300">`},
		{"html", data(show.HTMLMIME, "<table></table>", show.TextMIME, "t"), "<table></table>"},
		{"claims", data(show.HTMLMIME, "<table></table>", show.ClaimsMIME, []any{}), `class="html scroll claims"`},
		{"text", data(show.TextMIME, "a<b"), "a&lt;b"},
		{"markdown", data("text/markdown", "*a*"), "<em>a</em>"},
		{"latex", data("text/latex", "$$x$$"), "<math"},
		{"json", data("application/json", map[string]any{"k": "<"}), "&#34;k&#34;"},
		{"unknown", data("application/x-unknown", "?"), ""},
	} {
		r := outputs{md: newMarkdown(&texer{})}
		got, err := r.render(tc.out)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if !strings.Contains(got, tc.want) || tc.want == "" && got != "" {
			t.Errorf("%s: %s does not contain %s", tc.name, got, tc.want)
		}
	}
}

func sampleRun(t *testing.T) Run {
	t.Helper()
	src, err := os.ReadFile("testdata/formulas.md")
	if err != nil {
		t.Fatal(err)
	}
	claims := []show.Claim{
		{Item: "[L] Fig 2a", Statement: "the loss is <small>", Measured: 3e-21, Relation: "<", Bound: 1e-20, Seed: 7},
		{Statement: "seen", Measured: 2, Relation: ">", Bound: 1, Empirical: true, Seed: 1},
	}
	svg := &Output{Type: DisplayData, Data: map[string]any{show.SVGMIME: testSVG}}
	nb := &Notebook{Metadata: map[string]any{}, Cells: []*Cell{
		{Type: Markdown, ID: "m", Source: string(src)},
		{Type: Code, ID: "c", Source: "x := 1 < 2", ExecutionCount: 1, Outputs: []*Output{svg, svg}},
		{Type: Code, ID: "blank", Source: " "},
		{Type: Raw, ID: "raw", Source: "RAW"},
		{Type: Code, ID: "h", Source: "hidden()", Metadata: map[string]any{"jupyter": map[string]any{"source_hidden": true}}, ExecutionCount: 2},
		{Type: Code, ID: "k", Source: "show.Claims()", ExecutionCount: 3, Outputs: []*Output{{
			Type: ExecuteResult, ExecutionCount: 3,
			Data: map[string]any{show.HTMLMIME: show.Claims(claims...).HTML(), show.ClaimsMIME: claims},
		}}},
	}}
	return Run{Name: "sample", Notebook: nb, Seconds: 1.5, Claims: claims}
}

var (
	idAttribute   = regexp.MustCompile(`\sid="([^"]*)"`)
	remoteRequest = regexp.MustCompile(`(?i)(?:src|srcset|poster|data)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|<link[^>]*https?:|@import`)
)

func TestPage(t *testing.T) {
	run := sampleRun(t)
	var r Renderer
	page, problems, err := r.Page(run.Notebook, run.Name)
	if err != nil || len(problems) != 0 {
		t.Fatalf("%v, problems %q", err, problems)
	}
	html := string(page)
	for _, want := range []string{
		"<title>Formulas of the pages · lowrankgo</title>", "default-src 'none'", "@font-face", "prefers-color-scheme: dark", "@media print",
		"1 claim holds, 1 empirical observation", `href="sample.ipynb"`, `<details class="source">`, "[3]", `id="cell-k"`, "<math", "&lt;small&gt;",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, not := range []string{"RAW", "cell-blank", "ZgotmplZ", markOpen} {
		if strings.Contains(html, not) {
			t.Errorf("%s is there", not)
		}
	}
	if m := remoteRequest.FindString(html); m != "" {
		t.Errorf("the page asks a host: %s", m)
	}
	seen := map[string]bool{}
	for _, m := range idAttribute.FindAllStringSubmatch(html, -1) {
		if seen[m[1]] {
			t.Errorf("the id %s is there twice", m[1])
		}
		seen[m[1]] = true
	}
	again, _, err := new(Renderer).Page(run.Notebook, run.Name)
	if err != nil || !bytes.Equal(page, again) {
		t.Errorf("the same notebook gave another page (%v)", err)
	}
}

func TestPageWithoutFormulasHasNoFont(t *testing.T) {
	page, _, err := new(Renderer).Page(codeNotebook("x"), "plain")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(page, []byte("@font-face")) {
		t.Error("the font is there for nothing")
	}
	if !bytes.Contains(page, []byte("<title>plain")) {
		t.Error("the name does not stand for the missing title")
	}
}

func TestSite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "out")
	site, err := NewSite(dir)
	if err != nil {
		t.Fatal(err)
	}
	run := sampleRun(t)
	if _, err := site.Add(run); err != nil {
		t.Fatal(err)
	}
	bad := Run{Name: "bad", Notebook: codeNotebook("x"), Err: "In [1]: <Panic>: x"}
	if _, err := site.Add(bad); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Add(Run{Name: "unread", Err: "cut off"}); err != nil {
		t.Fatal(err)
	}
	if err := site.Finish(Manifest{Version: "1.2.3", Commit: "abc", Engine: "gomacro", Quick: true, Complete: true}); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "bad.html bad.ipynb index.html manifest.json sample.html sample.ipynb" {
		t.Errorf("files %s", got)
	}
	index, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`href="sample.html"`, "Formulas of the pages", `<img src="data:image/svg&#43;xml;base64,`, "the loss is &lt;small&gt;", "The norm <math",
		"In [1]: &lt;Panic&gt;: x", "1.2.3, commit abc", "lowrank reproduce --quick", "1, 7", "@font-face",
	} {
		if !strings.Contains(string(index), want) {
			t.Errorf("index.html: %s is missing", want)
		}
	}
	for _, not := range []string{"unread.html", "ZgotmplZ", "interrupted"} {
		if strings.Contains(string(index), not) {
			t.Errorf("index.html: %s is there", not)
		}
	}
	mustBeInterrupted(t, site, dir)
	checkManifest(t, filepath.Join(dir, "manifest.json"))
	b, err := os.ReadFile(filepath.Join(dir, "sample.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	validate(t, schema(t), b)
}

// mustBeInterrupted writes the index of an interrupted run and restores it.
func mustBeInterrupted(t *testing.T, site *Site, dir string) {
	t.Helper()
	for _, complete := range []bool{false, true} {
		if err := site.Finish(Manifest{Version: "1.2.3", Quick: true, Complete: complete}); err != nil {
			t.Fatal(err)
		}
		index, err := os.ReadFile(filepath.Join(dir, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(string(index), "interrupted"); said == complete {
			t.Errorf("complete %v, and the index says interrupted %v", complete, said)
		}
	}
}

func checkManifest(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	if m.Version != "1.2.3" || !m.Quick || len(m.Notebooks) != 3 || m.Notebooks[2].Error != "cut off" {
		t.Fatalf("manifest %+v", m)
	}
	first, second := m.Notebooks[0], m.Notebooks[1]
	if first.Name != "sample" || first.Seconds != 1.5 || len(first.Seeds) != 2 || first.Seeds[0] != 1 {
		t.Errorf("manifest of sample %+v", first)
	}
	if second.Error == "" || second.Seeds == nil {
		t.Errorf("manifest of bad %+v", second)
	}
}

func TestNewSiteRefusesWhatItCannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if _, err := NewSite(dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if runtime.GOOS == "linux" {
		if _, err := NewSite("/proc/lowrank"); err == nil || !strings.Contains(err.Error(), "/proc/lowrank") {
			t.Errorf("/proc/lowrank: %v", err)
		}
	}
}

func TestIntroductionAndSummary(t *testing.T) {
	nb := &Notebook{Cells: []*Cell{
		{Type: Code, Source: "code"},
		{Type: Markdown, Source: "# Title\n\n![p](x.png)\n\n| a |\n|---|\n\n- list"},
		{Type: Markdown, Source: "## Next\nThe first\nparagraph.\n\nAnother."},
	}}
	if got := introduction(nb); got != "The first\nparagraph." {
		t.Errorf("introduction %q", got)
	}
	if got := introduction(&Notebook{}); got != "" {
		t.Errorf("introduction of nothing %q", got)
	}
	holds := show.Claim{Statement: "s", Relation: "<", Bound: 1}
	fails := show.Claim{Statement: "s", Relation: ">", Bound: 1}
	if got := summary([]show.Claim{holds, holds, fails}); got != "2 claims hold, 1 claim fails" {
		t.Errorf("summary %q", got)
	}
	if got := summary(nil); got != "" {
		t.Errorf("summary of nothing %q", got)
	}
}
