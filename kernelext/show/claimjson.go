package show

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
)

// jsonNumber is a float64 that encodes what is not finite as a string.
type jsonNumber float64

func (n jsonNumber) MarshalJSON() ([]byte, error) {
	v := float64(n)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return json.Marshal(formatNumber(v, cellDigits))
	}
	return json.Marshal(v)
}

func (n *jsonNumber) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) != nil {
		return json.Unmarshal(b, (*float64)(n))
	}
	switch s {
	case "NaN":
		*n = jsonNumber(math.NaN())
	case "+Inf":
		*n = jsonNumber(math.Inf(1))
	case "-Inf":
		*n = jsonNumber(math.Inf(-1))
	default:
		return fmt.Errorf("show: %q is not a number; a JSON number, \"NaN\", \"+Inf\" and \"-Inf\" are accepted", s)
	}
	return nil
}

// jsonClaim is a claim as JSON, its fields in the order they are written.
type jsonClaim struct {
	Item      string          `json:"item"`
	Statement string          `json:"statement"`
	Measured  *jsonNumber     `json:"measured"`
	Relation  string          `json:"relation"`
	Bound     json.RawMessage `json:"bound"`
	Tolerance jsonNumber      `json:"tolerance,omitempty"`
	Empirical bool            `json:"empirical,omitempty"`
	Verdict   string          `json:"verdict"`
	Seed      uint64          `json:"seed"`
}

// MarshalJSON encodes the claim and its verdict:
//
//	{"item":"[L] Fig 2a","statement":"…","measured":3e-21,"relation":"<","bound":1e-20,"verdict":"holds","seed":1}
//
// The bound of "∈" is the array [lo, hi]. A number that is not finite is the
// string "NaN", "+Inf" or "-Inf". "tolerance" is there when it is set, and
// "empirical":true when an empirical claim fails. A claim with an error encodes as a failed claim whose
// statement is that error and whose measured value is "NaN".
func (c Claim) MarshalJSON() ([]byte, error) {
	if err := c.Err(); err != nil {
		c = Claim{Item: c.Item, Statement: err.Error(), Measured: math.NaN(), Relation: "=", Seed: c.Seed}
	}
	var bound []byte
	var err error
	rel := relations[c.Relation]
	if rel == "∈" {
		bound, err = json.Marshal([2]jsonNumber{jsonNumber(c.Interval[0]), jsonNumber(c.Interval[1])})
	} else {
		bound, err = json.Marshal(jsonNumber(c.Bound))
	}
	if err != nil {
		return nil, err
	}
	measured := jsonNumber(c.Measured)
	return encodePlain(jsonClaim{
		Item: c.Item, Statement: c.Statement, Measured: &measured, Relation: rel, Bound: bound,
		Tolerance: jsonNumber(c.Tolerance), Empirical: c.Empirical && c.Verdict() != Empirical, Verdict: c.Verdict(), Seed: c.Seed,
	})
}

// encodePlain is json.Marshal without \u003c for <.
func encodePlain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// UnmarshalJSON decodes what MarshalJSON encodes. A claim with an error, and
// a verdict other than the numbers give, are errors.
func (c *Claim) UnmarshalJSON(b []byte) error {
	var j jsonClaim
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("show: not a claim: %w", err)
	}
	if j.Measured == nil {
		return fmt.Errorf("show: claim %q has no measured value", j.Statement)
	}
	out := Claim{
		Item: j.Item, Statement: j.Statement, Measured: float64(*j.Measured), Relation: j.Relation,
		Tolerance: float64(j.Tolerance), Empirical: j.Empirical || j.Verdict == Empirical, Seed: j.Seed,
	}
	var err error
	if relations[j.Relation] == "∈" {
		var ends []jsonNumber
		if err = json.Unmarshal(j.Bound, &ends); err == nil && len(ends) != 2 {
			err = fmt.Errorf("%d numbers; [lo, hi] is accepted", len(ends))
		}
		if err == nil {
			out.Interval = [2]float64{float64(ends[0]), float64(ends[1])}
		}
	} else {
		var bound jsonNumber
		err = json.Unmarshal(j.Bound, &bound)
		out.Bound = float64(bound)
	}
	if err != nil {
		return fmt.Errorf("show: bound of claim %q: %w", j.Statement, err)
	}
	if err := out.Err(); err != nil {
		return err
	}
	if v := out.Verdict(); v != j.Verdict {
		return fmt.Errorf("show: claim %q says %q, but its numbers say %q", j.Statement, j.Verdict, v)
	}
	*c = out
	return nil
}

// ParseClaims decodes the content of [ClaimsMIME], a JSON array of claims.
func ParseClaims(content []byte) ([]Claim, error) {
	var claims []Claim
	if err := json.Unmarshal(content, &claims); err != nil {
		return nil, fmt.Errorf("show: parsing claims: %w", err)
	}
	return claims, nil
}

// content is what travels as ClaimsMIME.
func (t *ClaimTable) content() any {
	list := make([]any, len(t.Claims))
	for i, c := range t.Claims {
		list[i] = c
	}
	return list
}
