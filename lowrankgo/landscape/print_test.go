package landscape_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// printed are certificates of every verdict, with and without a truth.
func printed(t *testing.T) map[string]*landscape.Certificate {
	t.Helper()
	p := sensing(t)
	plain := (&counted{}).problem(t, p, true)
	differences := (&counted{}).problem(t, p, false)
	hostile := plain
	hostile.Name = `<script>alert("1 & 2")</script> ` + strings.Repeat("a very long name ", 20)
	x := solved(t, p, 1)
	random := must(initial.Random{Seed: 1}.Point(p))
	noisy := must(problem.GaussianSensing{D1: 8, D2: 7, Rank: 2, M: 100, Seed: 1, Noise: 0.5}.New())
	robust := must(problem.RandomRobustPCA{D1: 24, D2: 20, Rank: 1, Alpha: 0.05, Gamma: 3, Seed: 1}.New())
	ce := must(problem.Counterexample{Epsilon: 0.3}.New())
	ctx, cancel := context.WithCancel(context.Background())
	cut := &counted{before: func(calls int) {
		if calls == 9 {
			cancel()
		}
	}}
	partial, err := landscape.Certify(ctx, cut.problem(t, p, true), x, nil)
	if !errors.Is(err, lr.ErrCanceled) {
		t.Fatal(err)
	}
	return map[string]*landscape.Certificate{
		"near":        certify(t, p, x, nil),
		"large":       certify(t, p, random, nil),
		"near, large": certify(t, p, near(x, 1e-4, 1), nil),
		"negative":    certify(t, plain, lr.NewPoint(p), nil),
		"estimated":   certify(t, differences, lr.NewPoint(p), nil),
		"second":      certify(t, plain, x, nil),
		"undecided":   certify(t, plain, x, &landscape.Options{Products: 3}),
		"hostile":     certify(t, hostile, x, nil),
		"noisy":       certify(t, noisy, solved(t, noisy, 1), nil),
		"robust":      certify(t, robust, lr.NewPoint(robust), nil),
		"spurious":    certify(t, ce, ce.Instance.Spurious, nil),
		"partial":     partial,
	}
}

// TestCertificateString: one screen, the verdict first, and the words that belong
// to each case.
func TestCertificateString(t *testing.T) {
	all := printed(t)
	for name, says := range map[string][]string{
		"near":        {"NEAR THE OPTIMUM (proven)\n", "Nothing is left to do.", "relative error of M", "‖UVᵀ − M*‖"},
		"large":       {"LARGE GRADIENT (proven)\n", "Go on with the method; there is negative curvature too"},
		"near, large": {"LARGE GRADIENT (proven)\n", "near the known truth already"},
		"negative":    {"NEGATIVE CURVATURE (proven)\n", "Escape", "The numbers prove it."},
		"estimated":   {"NEGATIVE CURVATURE\n", "differences of gradients, with an error"},
		"second":      {"SECOND-ORDER POINT\n", "It is an estimate"},
		"undecided":   {"UNDECIDED\n", "Allow more products", "no bound from below"},
		"hostile":     {"<script>"},
		"noisy":       {"SECOND-ORDER POINT\n", "noise", "does not have its minimum"},
		"robust":      {"NEGATIVE CURVATURE (proven)\n", "the majoriser at this point", "‖∇g_x‖"},
		"spurious":    {"SECOND-ORDER POINT\n", "spurious", "symmetric", "aligned distance"},
		"partial":     {"cut short", "UNDECIDED\n"},
	} {
		c := all[name]
		s := c.String()
		for _, want := range append(says, "proven by the numbers\n", "estimated\n", "gradient    ", "factors     ") {
			if !strings.Contains(strings.Join(strings.Fields(s), " "), strings.TrimSpace(strings.Join(strings.Fields(want), " "))) {
				t.Errorf("%s: %q is missing in\n%s", name, want, s)
			}
		}
		lines := strings.Split(s, "\n")
		if len(lines) > 40 && name != "hostile" {
			t.Errorf("%s: %d lines, want one screen", name, len(lines))
		}
		for _, l := range lines {
			if utf8.RuneCountInString(l) > 80 || strings.TrimRight(l, " ") != l {
				t.Errorf("%s: a line of %d: %q", name, utf8.RuneCountInString(l), l)
			}
		}
		if strings.Contains(s, "NaN") {
			t.Errorf("%s: NaN is printed:\n%s", name, s)
		}
	}
}

// Nothing stands both among what is proven and among what is estimated, and a
// proven bound on λmin needs a product of its own.
func TestProvenAndEstimated(t *testing.T) {
	for name, c := range printed(t) {
		proven, estimated := c.Proven(), c.Estimated()
		if len(proven) == 0 || len(estimated) == 0 && c.Curvature.Products > 0 {
			t.Errorf("%s: %d lines proven, %d estimated", name, len(proven), len(estimated))
		}
		for _, l := range proven {
			if slices.Contains(estimated, l) {
				t.Errorf("%s: %q is proven and estimated", name, l)
			}
		}
		bound := slices.ContainsFunc(proven, func(l string) bool { return strings.Contains(l, "curvature") })
		if want := c.Curvature.Confirmed && !c.Curvature.Gradients; bound != want {
			t.Errorf("%s: a bound on λmin is proven: %t, want %t", name, bound, want)
		}
	}
}

// TestCertificateHTML: well formed, escaped, and without anything from outside.
func TestCertificateHTML(t *testing.T) {
	for name, c := range printed(t) {
		h := c.HTML()
		d := xml.NewDecoder(strings.NewReader(h))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v in\n%s", name, err, h)
			}
		}
		for _, never := range []string{"<script", "http", "src=", "url(", "NaN"} {
			if strings.Contains(h, never) {
				t.Errorf("%s: the card has %q", name, never)
			}
		}
		for _, text := range append(c.Proven(), c.Estimated()...) {
			if !strings.Contains(h, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)) {
				t.Errorf("%s: the card lacks %q", name, text)
			}
		}
	}
}

// TestCertificateJSON: the numbers come back, and those that are not finite are null.
func TestCertificateJSON(t *testing.T) {
	for name, c := range printed(t) {
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got struct {
			Verdict   string
			Rigorous  bool
			Loss      *float64
			Distance  *float64
			CondU     *float64
			Curvature struct{ Value, Lower *float64 }
			Gap       *struct{ Bound, Tau *float64 }
			Proven    []string
		}
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: %v in %s", name, err, data)
		}
		same := func(v float64, p *float64) bool {
			return p == nil && (math.IsNaN(v) || math.IsInf(v, 0)) || p != nil && *p == v
		}
		if got.Verdict != c.Verdict.String() || got.Rigorous != c.Rigorous || !same(c.Loss, got.Loss) || !same(c.Distance, got.Distance) ||
			!same(c.CondU, got.CondU) || !same(c.Curvature.Value, got.Curvature.Value) || !same(c.Curvature.Lower, got.Curvature.Lower) || !slices.Equal(got.Proven, c.Proven()) {
			t.Errorf("%s: %s", name, data)
		}
		if (got.Gap == nil) != (c.Gap == nil) || c.Gap != nil && *got.Gap.Bound != c.Gap.At(*got.Gap.Tau) {
			t.Errorf("%s: gap %+v, want %+v", name, got.Gap, c.Gap)
		}
	}
}

func TestVerdictStrings(t *testing.T) {
	seen := map[string]bool{}
	for v := landscape.Undecided; v <= landscape.SecondOrder; v++ {
		seen[v.String()] = true
	}
	if len(seen) != 5 || !seen["undecided"] || !seen["near the optimum"] {
		t.Errorf("%v", seen)
	}
}
