package show

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		measured float64
		relation string
		bound    float64
		want     bool
	}{
		{1, "<", 2, true}, {2, "<", 2, false}, {nan, "<", 2, false}, {-inf, "<", 2, true},
		{2, "≤", 2, true}, {2, "<=", 2, true}, {3, "<=", 2, false}, {nan, "≤", 2, false},
		{2, "=", 2, true}, {2, "==", 2, true}, {2 + 1e-15, "=", 2, false}, {nan, "=", 2, false}, {inf, "=", inf, true}, {inf, "=", 1, false},
		{2, "≥", 2, true}, {2, ">=", 3, false}, {nan, ">=", 2, false},
		{3, ">", 2, true}, {2, ">", 2, false}, {nan, ">", 2, false}, {inf, ">", 2, true},
	} {
		claim := Claim{Statement: "s", Measured: c.measured, Relation: c.relation, Bound: c.bound}
		want := Fails
		if c.want {
			want = Holds
		}
		if got := claim.Verdict(); got != want {
			t.Errorf("%v %s %v: %s, want %s", c.measured, c.relation, c.bound, got, want)
		}
		claim.Empirical = true
		if c.want {
			want = Empirical
		}
		if got := claim.Verdict(); got != want {
			t.Errorf("empirical %v %s %v: %s, want %s", c.measured, c.relation, c.bound, got, want)
		}
	}
}

func TestVerdictIntervalAndTolerance(t *testing.T) {
	in := func(m float64) string {
		return Claim{Statement: "s", Measured: m, Relation: "in", Interval: [2]float64{1, 2}}.Verdict()
	}
	near := func(m float64) string {
		return Claim{Statement: "s", Measured: m, Relation: "=", Bound: 1, Tolerance: 0.5}.Verdict()
	}
	for _, c := range []struct {
		name, got, want string
	}{
		{"lower end", in(1), Holds}, {"upper end", in(2), Holds}, {"inside", in(1.5), Holds},
		{"below", in(0.99), Fails}, {"above", in(2.01), Fails}, {"NaN in", in(math.NaN()), Fails},
		{"near", near(1.4), Holds}, {"at the tolerance", near(1.5), Holds}, {"far", near(1.6), Fails},
		{"NaN near", near(math.NaN()), Fails}, {"Inf near", near(math.Inf(1)), Fails},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
}

var badClaims = []struct {
	claim Claim
	says  string
}{
	{Claim{Item: "I", Relation: "<"}, `claim on "I" has no Statement`},
	{Claim{Statement: " \n", Relation: "<"}, "no Statement"},
	{Claim{Statement: "s"}, `Relation ""; <, ≤, =, ≥, > and ∈ are accepted`},
	{Claim{Statement: "s", Relation: "~"}, `Relation "~"`},
	{Claim{Statement: "s", Relation: "<", Tolerance: 1}, "it goes with = only"},
	{Claim{Statement: "s", Relation: "=", Tolerance: -1}, "Tolerance -1"},
	{Claim{Statement: "s", Relation: "=", Tolerance: math.NaN()}, "Tolerance NaN"},
	{Claim{Statement: "s", Relation: "∈", Interval: [2]float64{2, 1}}, "lo ≤ hi"},
	{Claim{Statement: "s", Relation: "∈", Interval: [2]float64{0, math.NaN()}}, "lo ≤ hi"},
	{Claim{Statement: "s", Relation: "<", Bound: math.NaN()}, "Bound NaN"},
}

// TestBadClaims: what is no claim never passes silently, in the cell or in
// what the runner reads.
func TestBadClaims(t *testing.T) {
	for _, c := range badClaims {
		if err := c.claim.Err(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: error %v does not say %q", c.claim, err, c.says)
		}
		if got := c.claim.Verdict(); got != Fails {
			t.Errorf("%+v: %s", c.claim, got)
		}
		table := Claims(c.claim)
		if table.Err() == nil {
			t.Errorf("%+v: the table has no error", c.claim)
		}
		d := Render(table)
		if text := d.MIME[TextMIME].(string); !strings.Contains(text, c.says) {
			t.Errorf("text does not show the error:\n%s", text)
		}
		parsed := parse(t, d)
		if len(parsed) != 1 || parsed[0].Verdict() != Fails || !strings.Contains(parsed[0].Statement, c.says) {
			t.Errorf("%+v travels as %+v", c.claim, parsed)
		}
	}
	d := Render(Claims())
	if !strings.Contains(d.MIME[TextMIME].(string), "given no claim") || !strings.Contains(d.MIME[HTMLMIME].(string), "given no claim") {
		t.Errorf("no claims: %v", d.MIME)
	}
}

// parse reads the claims of a bundle as a runner does.
func parse(t *testing.T, d Data) []Claim {
	t.Helper()
	content, err := json.Marshal(d.MIME[ClaimsMIME])
	if err != nil {
		t.Fatal(err)
	}
	claims, err := ParseClaims(content)
	if err != nil {
		t.Fatalf("%v in %s", err, content)
	}
	return claims
}

func TestClaimJSON(t *testing.T) {
	for _, c := range []struct {
		claim Claim
		want  string
	}{
		{
			Claim{Item: "[L] Fig 2a", Statement: "small", Measured: 3e-21, Relation: "<", Bound: 1e-20, Seed: 1},
			`{"item":"[L] Fig 2a","statement":"small","measured":3e-21,"relation":"<","bound":1e-20,"verdict":"holds","seed":1}`,
		},
		{
			Claim{Statement: "s", Measured: math.NaN(), Relation: "in", Interval: [2]float64{math.Inf(-1), 2}},
			`{"item":"","statement":"s","measured":"NaN","relation":"∈","bound":["-Inf",2],"verdict":"fails","seed":0}`,
		},
		{
			Claim{Statement: "s", Measured: math.Inf(1), Relation: "=", Bound: 2, Tolerance: 0.5, Empirical: true},
			`{"item":"","statement":"s","measured":"+Inf","relation":"=","bound":2,"tolerance":0.5,"empirical":true,"verdict":"fails","seed":0}`,
		},
		{
			Claim{Statement: "s", Measured: 1, Relation: ">=", Bound: 1, Empirical: true, Seed: math.MaxUint64},
			`{"item":"","statement":"s","measured":1,"relation":"≥","bound":1,"verdict":"empirical","seed":18446744073709551615}`,
		},
	} {
		got, err := c.claim.MarshalJSON()
		if err != nil || string(got) != c.want {
			t.Errorf("got  %s (%v)\nwant %s", got, err, c.want)
		}
	}
}

// TestClaimRoundTrip sends random claims through JSON and back.
func TestClaimRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	special := []float64{0, 1, -1, math.Inf(1), math.Inf(-1), 1e-300, math.MaxFloat64, math.Nextafter(1, 2)}
	number := func() float64 {
		if rng.IntN(2) == 0 {
			return special[rng.IntN(len(special))]
		}
		return rng.NormFloat64() * math.Pow(10, float64(rng.IntN(60)-30))
	}
	spelled := []string{"<", "≤", "=", "≥", ">", "∈"}
	var claims []Claim
	for range 500 {
		c := Claim{
			Item: "[G] Thm 1 <&>", Statement: "“quoted” \\ ‖x‖", Measured: number(), Relation: spelled[rng.IntN(6)],
			Empirical: rng.IntN(2) == 0, Seed: rng.Uint64(),
		}
		switch a, b := number(), number(); c.Relation {
		case "∈":
			c.Interval = [2]float64{math.Min(a, b), math.Max(a, b)}
		case "=":
			c.Bound, c.Tolerance = a, math.Abs(rng.NormFloat64())
		default:
			c.Bound = a
		}
		claims = append(claims, c)
	}
	if got := parse(t, Render(Claims(claims...))); !reflect.DeepEqual(got, claims) {
		for i := range claims {
			if !reflect.DeepEqual(got[i], claims[i]) {
				t.Fatalf("claim %d came back as\n%+v, was\n%+v", i, got[i], claims[i])
			}
		}
	}
	nan := parse(t, Render(Claims(Claim{Statement: "s", Measured: math.NaN(), Relation: "<"})))
	if !math.IsNaN(nan[0].Measured) {
		t.Errorf("NaN came back as %v", nan[0].Measured)
	}
}

func TestParseClaimsBad(t *testing.T) {
	for _, c := range []struct{ in, says string }{
		{`{}`, "parsing claims"},
		{`[3]`, "not a claim"},
		{`[{"statement":"s","relation":"<","bound":1,"verdict":"fails"}]`, "no measured value"},
		{`[{"statement":"s","measured":"big","relation":"<","bound":1}]`, `"NaN", "+Inf" and "-Inf" are accepted`},
		{`[{"statement":"s","measured":1,"relation":"<","verdict":"fails"}]`, "bound of claim"},
		{`[{"statement":"s","measured":1,"relation":"∈","bound":[1],"verdict":"holds"}]`, "1 numbers"},
		{`[{"statement":"s","measured":1,"relation":"?","bound":1,"verdict":"fails"}]`, `Relation "?"`},
		{`[{"statement":"s","measured":3,"relation":"<","bound":1,"verdict":"holds"}]`, `says "holds", but its numbers say "fails"`},
	} {
		if got, err := ParseClaims([]byte(c.in)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v; want an error with %q", c.in, got, err, c.says)
		}
	}
}

func TestClaimTableShows(t *testing.T) {
	d := Render(Claims(
		Claim{Item: "[L] Ex I.1", Statement: "eigenvalue at the saddle <g>", Measured: -1, Relation: "=", Bound: -1, Tolerance: 1e-12},
		Claim{Item: "[L] Fig 2a", Statement: "loss", Measured: 3e-2, Relation: "<", Bound: 1e-20},
		Claim{Item: "COADS", Statement: "rank", Measured: 4, Relation: "∈", Interval: [2]float64{1, 10}, Empirical: true},
	))
	text, html := d.MIME[TextMIME].(string), d.MIME[HTMLMIME].(string)
	for _, want := range []string{"= -1 ± 1e-12", "< 1e-20", "∈ [1, 10]", "holds", "fails", "empirical"} {
		if !strings.Contains(text, want) {
			t.Errorf("text lacks %q:\n%s", want, text)
		}
	}
	for _, want := range []string{
		"= −1 ± 10<sup>−12</sup>", "&lt; 10<sup>−20</sup>", "∈ [1, 10]", "✓ holds", "✗ fails", "○ empirical", "&lt;g&gt;",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("HTML lacks %q:\n%s", want, html)
		}
	}
}
