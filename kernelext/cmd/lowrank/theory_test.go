package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/lowrankgo/lowrank/lowrankgo/theory"
)

// The numbers of one item, printed for people and as JSON.
func TestTheory(t *testing.T) {
	code, stdout, stderr := lowrank(t, "theory", "--quick", "--item", "[G] (13)", "--item", "[g] (3)")
	if code != exitOK || !strings.Contains(stderr, "of 2: [G] (13)\n") || !strings.Contains(stderr, "2 of 2: ") {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	mustContain(t, "the list", stdout, "[G] (3): asymmetric sensing", "[G] (13): factorisation: ½‖UUᵀ − A‖²", "\n  residual ", " on 2 instances\n", "  gradient ")
	code, stdout, _ = lowrank(t, "theory", "--quick", "--item", "[G] (13)", "--seed", "5", "--json")
	r := theoryReport{theoryBody: new(theoryBody)}
	oneDocument(t, stdout, &r)
	if code != exitOK || r.Version != 1 || r.Seed != 5 || !r.Quick || len(r.Items) != 1 {
		t.Fatalf("exit %d: %s", code, stdout)
	}
	i := r.Items[0]
	if i.Name != "[G] (13)" || i.Statement == "" || len(i.Functions) == 0 || len(i.Tests) == 0 || i.Instances != 2 || !(i.Residual > 0 && i.Residual < 1e-9) || i.Fails || i.Proportion != nil {
		t.Errorf("%+v", i)
	}
	mustContain(t, "the document", stdout, `"closest": null`, `"goarch"`)
}

func TestTheoryUsage(t *testing.T) {
	out := filepath.Join(t.TempDir(), "page.md")
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"theory", "--item", "[G] Lemma 99"}, []string{`no item "[G] Lemma 99"`, "items are [G] (3)"}},
		{[]string{"theory", "--item", ""}, []string{`no item ""`}},
		{[]string{"theory", "--item", "[G] (3)", "--out", out}, []string{"--out", "--item"}},
		{[]string{"theory", "--seed", "-1"}, []string{"-1"}},
		{[]string{"theory", "all"}, []string{`"all"`}},
	} {
		code, stdout, stderr := lowrank(t, c.args...)
		if code != exitUsage || stdout != "" {
			t.Errorf("%q: exit %d, %s", c.args, code, stdout)
		}
		mustContain(t, strings.Join(c.args, " "), stderr, c.want...)
	}
	code, stdout, _ := lowrank(t, "theory", "--item", "none", "--json")
	var r theoryReport
	oneDocument(t, stdout, &r)
	if code != exitUsage || r.Err == "" || r.theoryBody != nil {
		t.Errorf("exit %d: %s", code, stdout)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a page was written")
	}
}

func TestChooseItems(t *testing.T) {
	all := []theory.Item{{Name: "[G] Lemma 1"}, {Name: "[G] Lemma 10"}, {Name: "[L] Thm III.1"}}
	for _, c := range []struct {
		asked []string
		want  []string
	}{
		{nil, itemNames(all)},
		{[]string{"[G] lemma 1"}, []string{"[G] Lemma 1"}},
		{[]string{"lemma 1"}, []string{"[G] Lemma 1", "[G] Lemma 10"}},
		{[]string{"III", "[G] Lemma 10", "iii"}, []string{"[G] Lemma 10", "[L] Thm III.1"}},
	} {
		got, err := chooseItems(all, c.asked)
		if err != nil || !slices.Equal(itemNames(got), c.want) {
			t.Errorf("%q gives %q, %v", c.asked, itemNames(got), err)
		}
	}
}

// made is an item whose measurement is given.
func made(name string, change func(m *theory.Measurement)) theory.Item {
	return theory.Item{Name: name, Statement: "it holds", Measure: func(ctx context.Context, _ theory.Effort) (theory.Measurement, error) {
		m := theory.NewMeasurement(4)
		m.Residual = 1e-15
		change(&m)
		return m, ctx.Err()
	}}
}

// The page is written whole, also when an item is violated, and not at all when
// one cannot be measured or the command is interrupted.
func TestTheoryPage(t *testing.T) {
	good := made("[G] Lemma 6", func(*theory.Measurement) {})
	bad := made("[G] Lemma 7", func(m *theory.Measurement) { m.Violations = 2; m.Met = "all" })
	none := theory.Item{Name: "none", Measure: func(context.Context, theory.Effort) (theory.Measurement, error) {
		return theory.Measurement{}, errors.New("no numbers")
	}}
	path := filepath.Join(t.TempDir(), "page.md")
	f := theoryFlags{seed: 3, out: path}
	var stdout, stderr bytes.Buffer
	if err := f.run(t.Context(), []theory.Item{good}, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(whole), filepath.Dir(path)) {
		t.Errorf("%v, or a path of this machine: %s", err, whole)
	}
	mustContain(t, "the page", string(whole), "Lemma 6", "`lowrank theory --seed 3 --out docs/THEORY.md`")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}

	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx   context.Context
		items []theory.Item
	}{{interrupted, []theory.Item{good, bad}}, {t.Context(), []theory.Item{bad, none}}} {
		if err := f.run(c.ctx, c.items, &stdout, &stderr); err == nil || errors.As(err, new(reported)) {
			t.Errorf("the error is %v", err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, whole) {
			t.Errorf("the page is now %s, %v", now, err)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v", left, err)
	}

	stdout.Reset()
	if err := f.run(t.Context(), []theory.Item{good, bad}, &stdout, &stderr); !errors.As(err, new(reported)) {
		t.Errorf("the error is %v", err)
	}
	mustContain(t, "stdout", stdout.String(), "[G] Lemma 7: it holds\n", "  2 of 4 violated\n", "  VIOLATED\n  met: all\n")
	mustContain(t, "stderr", stderr.String(), "violated: [G] Lemma 7\n")
	if now, err := os.ReadFile(path); err != nil || !strings.Contains(string(now), "Lemma 7") {
		t.Errorf("the page is now %s, %v", now, err)
	}
	f.out = filepath.Join(t.TempDir(), "none", "page.md")
	if err := f.run(t.Context(), []theory.Item{good}, &stdout, &stderr); err == nil || !strings.Contains(err.Error(), "--out") {
		t.Errorf("the error is %v", err)
	}
}

// What GitHub's reader makes of a row has four cells, and the formula as it was.
func TestTheoryPageIsMarkdown(t *testing.T) {
	statement := "|x|* * a_b_c <b>bold</b> `code` [link](x) ~~no~~ &lt; \\* ‖M*‖"
	item := made("[G] Thm 1", func(m *theory.Measurement) { m.Note = statement })
	item.Statement = statement
	var page, b bytes.Buffer
	lines, err := theory.Ensembles{Items: []theory.Item{item}}.Run(t.Context())
	if err == nil {
		err = theory.WritePage(&page, lines, theory.Origin{})
	}
	if err == nil {
		err = goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert(page.Bytes(), &b)
	}
	_, table, _ := strings.Cut(b.String(), "<tbody>")
	if err != nil || strings.Count(table, "<td>") != 4 || strings.Contains(table, "<em>") || strings.Contains(table, "<del>") || strings.Contains(table, "<b>") {
		t.Errorf("%v: %s", err, table)
	}
	plain := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(table)
	if strings.Count(plain, statement) != 2 {
		t.Errorf("%q is not twice in %s", statement, plain)
	}
}
