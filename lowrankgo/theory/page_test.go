package theory

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// page writes the items, each with a measurement, as a page.
func page(t *testing.T, o Origin, items ...Item) string {
	t.Helper()
	var lines []Line
	for _, i := range items {
		m := NewMeasurement(7)
		m.Residual, m.Met = 2e-16, "δ < 1: 5 of 7"
		lines = append(lines, Line{i, m})
	}
	var b bytes.Buffer
	if err := WritePage(&b, lines, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWritePage(t *testing.T) {
	items := []Item{
		{Name: "[L] Thm III.1", Statement: "late", Functions: []string{"problem.Split.Majoriser"}, Tests: []string{"problem.TestMajoriser"}},
		{Name: "[G] Lemma 6", Statement: "‖ΔΔᵀ‖² ≤ 2‖M − M*‖² | σᵣ*, a_b, |x| < y > z & [w] ~ `c` \\", Functions: []string{"landscape.Align", "lowrankgo.RelErr"}, Tests: []string{"landscape.TestAlign"}, Hypotheses: "rank ≤ r*"},
		{Name: "Remark: noise", Statement: "noise"},
		{Name: "RIP ½", Statement: "stops"},
		{Name: "[G] (3)", Statement: "sensing"},
		{Name: "[L] (II.2)", Statement: "central"},
	}
	got := page(t, Origin{Command: "lowrank theory", Version: "1.2.3", Arch: "amd64", Variant: "avx2", Effort: Effort{Seed: 4}}, items...)
	rest := got
	for _, want := range []string{
		"# The theory, item by item\n", "## [G] Objectives\n", "| **\\[G\\] (3)**<br>sensing |", "## [G] Definitions", "**\\[G\\] Lemma 6**",
		`‖ΔΔᵀ‖² ≤ 2‖M − M\*‖² \| σᵣ\*, a\_b, \|x\| &lt; y &gt; z &amp; \[w\] \~ ` + "\\`c\\`" + ` \\ |`,
		"[landscape.Align](https://pkg.go.dev/github.com/lowrankgo/lowrank/lowrankgo/landscape#Align)<br>[lowrankgo.RelErr](https://pkg.go.dev/github.com/lowrankgo/lowrank/lowrankgo#RelErr)<br>`landscape.TestAlign`",
		"residual 2.0e-16 on 7 instances | rank ≤ r\\*<br>met: δ &lt; 1: 5 of 7 |",
		"## [L] Objectives\n", "central", "## [L] Definitions", "(https://pkg.go.dev/github.com/lowrankgo/lowrank/lowrankgo/problem#Split.Majoriser)", " | none<br>met: ",
		"## Remarks\n", "**Remark: noise**", "## Where the theorems stop\n", "**RIP ½**",
		"## How this page was made\n", "By `lowrank theory`: 6 items, full ensembles, seed 4, lowrankgo 1.2.3 on amd64 with avx2 loops.",
		"Items that these numbers contradict: none.\n",
	} {
		at := strings.Index(rest, want)
		if at < 0 {
			t.Fatalf("%q is not where it should be:\n%s", want, got)
		}
		rest = rest[at+len(want):]
	}
	quick := page(t, Origin{Effort: Effort{Quick: true}}, items[0])
	if !strings.Contains(quick, "quick ensembles") || strings.Contains(quick, "## Remarks") {
		t.Error(quick)
	}
}

// What fails is named at the end.
func TestWritePageOfFailures(t *testing.T) {
	bad := NewMeasurement(3)
	bad.Violations = 1
	var b bytes.Buffer
	err := WritePage(&b, []Line{{Item{Name: "[G] Lemma 6"}, bad}, {Item{Name: "b"}, NewMeasurement(1)}, {Item{Name: "[G] Lemma 7"}, bad}}, Origin{})
	if err != nil || !strings.Contains(b.String(), `contradict: \[G\] Lemma 6, \[G\] Lemma 7.`) {
		t.Errorf("%v: %s", err, &b)
	}
}

type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWritePageErrors(t *testing.T) {
	if err := WritePage(full{}, nil, Origin{}); !errors.Is(err, errFull) {
		t.Error(err)
	}
}
