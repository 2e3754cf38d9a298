package show

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

func labels(ticks []plot.Tick) string {
	var out []string
	for _, t := range ticks {
		if t.Label != "" {
			out = append(out, t.Label)
		}
	}
	return strings.Join(out, " ")
}

func TestLinearTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{0, 10, "0 2 4 6 8 10"},
		{-2, 2, "−2 −1 0 1 2"},
		{0, 1500, "0 200 400 600 800 1000 1200 1400"},
		{0, 4000, "0 1000 2000 3000 4000"},
		{-1.8, 31, "0 5 10 15 20 25 30"},
		{0, 0.004, "0 0.001 0.002 0.003 0.004"},
		{0, 2e-5, "0 5×10⁻⁶ 10⁻⁵ 1.5×10⁻⁵ 2×10⁻⁵"},
		{0, 4e7, "0 10⁷ 2×10⁷ 3×10⁷ 4×10⁷"},
		{3, 3, "3"},
	} {
		if got := labels(linearTicks{}.Ticks(c.lo, c.hi)); got != c.want {
			t.Errorf("[%v, %v]: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
	for _, bad := range [][2]float64{{math.NaN(), 1}, {0, math.Inf(1)}, {2, 1}} {
		if got := (linearTicks{}).Ticks(bad[0], bad[1]); len(got) > 1 {
			t.Errorf("%v gave %d ticks", bad, len(got))
		}
	}
}

func TestLogTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{1e-20, 1e4, "10⁻²⁰ 10⁻¹⁶ 10⁻¹² 10⁻⁸ 10⁻⁴ 10⁰ 10⁴"},
		{1e-3, 1e3, "10⁻³ 10⁻² 10⁻¹ 10⁰ 10¹ 10² 10³"},
		{1, 30, "10⁰ 2×10⁰ 5×10⁰ 10¹ 2×10¹"},
		{1e-300, 1e300, "10⁻³⁰⁰ 10⁻²⁰⁰ 10⁻¹⁰⁰ 10⁰ 10¹⁰⁰ 10²⁰⁰ 10³⁰⁰"},
	} {
		if got := labels(logTicks{}.Ticks(c.lo, c.hi)); got != c.want {
			t.Errorf("[%v, %v]: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
	for _, bad := range [][2]float64{{0, 1}, {-1, 1}, {1, 1}, {1, math.Inf(1)}, {math.NaN(), 1}} {
		if got := (logTicks{}).Ticks(bad[0], bad[1]); got != nil {
			t.Errorf("%v gave %d ticks", bad, len(got))
		}
	}
}

// TestLogTicksCount: every range has labels, and not too many.
func TestLogTicksCount(t *testing.T) {
	for span := 0.3; span < 300; span *= 1.07 {
		lo := math.Pow(10, -span/2)
		n := len(strings.Fields(labels(logTicks{}.Ticks(lo, 1/lo))))
		if n < 1 || n > 9 {
			t.Errorf("%d labels over %.2f decades", n, span)
		}
	}
}

func TestTextRuns(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []run
	}{
		{"plain", []run{{text: "plain", scale: 1}}},
		{"10⁻²⁰", []run{{text: "10", scale: 1}, {text: "−20", scale: scriptScale, rise: raised}}},
		{"UVᵀ − x₁", []run{{text: "UV", scale: 1}, {text: "T", scale: scriptScale, rise: raised}, {text: " − x", scale: 1}, {text: "1", scale: scriptScale, rise: lowered}}},
		{"g\u0303(u)", []run{{text: "g", scale: 1}, {text: "˜", scale: 1, accent: true}, {text: "(u)", scale: 1}}},
		{"∇f ∈ 𝒜", []run{{text: "grad f in A", scale: 1}}},
		{"", nil},
	} {
		got := runs(c.in)
		if len(got) != len(c.want) {
			t.Errorf("%q: %v, want %v", c.in, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%q: run %d is %v, want %v", c.in, i, got[i], c.want[i])
			}
		}
	}
}

// TestFontHasLetters: every letter that the package itself writes is in the
// font, so that no picture has an empty box.
func TestFontHasLetters(t *testing.T) {
	style := textStyle(tickSize)
	face := style.Handler.Cache().Lookup(style.Font, style.Font.Size)
	for _, text := range []string{"½‖𝒜(UVᵀ) − b‖² ‖∇f‖ σλμρ °C × · ± ≤ ≥ 10⁻²⁰ x₁ₖ g\u0303 ∈ ★ ∞ √ ∂ Σ … – “”"} {
		for _, r := range runs(text) {
			for _, letter := range r.text {
				if i, err := face.Face.GlyphIndex(nil, letter); err != nil || i == 0 {
					t.Errorf("the font lacks %q", letter)
				}
			}
		}
	}
}

func TestScriptsAreNarrow(t *testing.T) {
	style := textStyle(10)
	if a, b := style.Width("10⁻²⁰"), style.Width("10−20"); a >= b {
		t.Errorf("superscripts are %v wide, plain digits %v", a, b)
	}
	if a, b := style.Width("g\u0303"), style.Width("g"); a != b {
		t.Errorf("an accent takes room: %v, %v", a, b)
	}
}
