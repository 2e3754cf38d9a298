package show

import (
	"errors"
	"fmt"
	"html"
	"math"
	"strings"
)

// Claim is a statement with a number that was measured in this run. Nothing
// else is needed to say whether it holds, so a claim is the same from run to
// run, engine to engine and machine to machine; therefore no claim may be
// about a time.
//
// [Claim.Verdict] compares Measured with Bound by Relation.
type Claim struct {
	Item      string     // where it is stated, as "[L] Fig 2a"; may be empty
	Statement string     // what is claimed, a sentence without the number
	Measured  float64    // what this run found
	Relation  string     // "<", "≤", "=", "≥", ">" or "∈"; also "<=", ">=", "==" and "in"
	Bound     float64    // right-hand side, unless Relation is "∈"
	Interval  [2]float64 // right-hand side of "∈": both ends belong to it
	Tolerance float64    // of "=": |Measured − Bound| ≤ Tolerance; 0 means exactly
	Empirical bool       // an observation that no theorem promises
	Seed      uint64     // the seed of the run that gave Measured; 0 if nothing is random
}

// The verdicts on a claim.
const (
	Holds     = "holds"
	Fails     = "fails"
	Empirical = "empirical"
)

// relations maps what Claim.Relation accepts to its one spelling.
var relations = map[string]string{
	"<": "<", "≤": "≤", "<=": "≤", "=": "=", "==": "=", "≥": "≥", ">=": "≥", ">": ">", "∈": "∈", "in": "∈",
}

// Err returns what makes c no claim: an empty statement, a relation that is
// unknown, a tolerance that is negative or not of "=", an interval with its
// ends reversed. It is nil for a claim that merely fails.
func (c Claim) Err() error {
	rel, known := relations[c.Relation]
	switch {
	case strings.TrimSpace(c.Statement) == "":
		return fmt.Errorf("show: claim on %q has no Statement", c.Item)
	case !known:
		return fmt.Errorf("show: claim %q has the Relation %q; <, ≤, =, ≥, > and ∈ are accepted", c.Statement, c.Relation)
	case c.Tolerance != 0 && rel != "=":
		return fmt.Errorf("show: claim %q has a Tolerance with the Relation %s; it goes with = only", c.Statement, rel)
	case !(c.Tolerance >= 0):
		return fmt.Errorf("show: claim %q has the Tolerance %v; 0 or more is accepted", c.Statement, c.Tolerance)
	case rel == "∈" && !(c.Interval[0] <= c.Interval[1]):
		return fmt.Errorf("show: claim %q has the Interval %v; [lo, hi] with lo ≤ hi is accepted", c.Statement, c.Interval)
	case rel != "∈" && math.IsNaN(c.Bound):
		return fmt.Errorf("show: claim %q has the Bound NaN", c.Statement)
	}
	return nil
}

// Verdict is [Holds] or [Fails], or [Empirical] for a claim marked so whose
// relation is true. A Measured that is NaN fails every relation, and so does
// a claim with an error.
func (c Claim) Verdict() string {
	switch {
	case c.Err() != nil || !c.relationHolds():
		return Fails
	case c.Empirical:
		return Empirical
	}
	return Holds
}

func (c Claim) relationHolds() bool {
	m := c.Measured
	switch relations[c.Relation] {
	case "<":
		return m < c.Bound
	case "≤":
		return m <= c.Bound
	case "=":
		return m == c.Bound || math.Abs(m-c.Bound) <= c.Tolerance && !math.IsInf(m, 0)
	case "≥":
		return m >= c.Bound
	case ">":
		return m > c.Bound
	case "∈":
		return c.Interval[0] <= m && m <= c.Interval[1]
	}
	return false
}

// right is the claim's right-hand side, relation included, in letters.
func (c Claim) right() string {
	switch rel := relations[c.Relation]; {
	case rel == "∈":
		return fmt.Sprintf("∈ [%s, %s]", formatNumber(c.Interval[0], cellDigits), formatNumber(c.Interval[1], cellDigits))
	case c.Tolerance != 0:
		return fmt.Sprintf("= %s ± %s", formatNumber(c.Bound, cellDigits), formatNumber(c.Tolerance, cellDigits))
	default:
		return rel + " " + formatNumber(c.Bound, cellDigits)
	}
}

// ClaimTable is the claims of one cell. It shows as a table and carries the
// claims to whoever ran the notebook as the MIME type [ClaimsMIME]: a JSON
// array with one object per claim, see [Claim.MarshalJSON] and [ParseClaims].
type ClaimTable struct{ Claims []Claim }

// Claims makes a table of claims, to be a cell's last expression or passed to
// [Display]:
//
//	show.Claims(show.Claim{
//		Item: "[L] Fig 2a", Statement: "fitting error without balancing",
//		Measured: loss, Relation: "<", Bound: 1e-20, Seed: 1,
//	})
//
// A claim with an error (see [Claim.Err]) shows that error and fails.
func Claims(claims ...Claim) *ClaimTable {
	return &ClaimTable{Claims: append([]Claim(nil), claims...)}
}

// Err joins the errors of the claims; nil when every claim is one, whether it
// holds or not. A table without claims is an error.
func (t *ClaimTable) Err() error {
	if len(t.Claims) == 0 {
		return errors.New("show: Claims was given no claim")
	}
	var errs []error
	for _, c := range t.Claims {
		errs = append(errs, c.Err())
	}
	return errors.Join(errs...)
}

var claimHeader = []string{"item", "claim", "measured", "bound", "verdict"}

// String is the table in aligned text.
func (t *ClaimTable) String() string {
	if len(t.Claims) == 0 {
		return t.Err().Error()
	}
	table := Table{Header: claimHeader}
	for _, c := range t.Claims {
		row := []any{c.Item, c.Err(), "", "", c.Verdict()}
		if c.Err() == nil {
			row[1], row[2], row[3] = c.Statement, formatNumber(c.Measured, cellDigits), c.right()
		}
		table.Rows = append(table.Rows, row)
	}
	return table.String()
}

// verdictStyle gives each verdict a mark and a badge; the word is always
// there, so that neither colour nor mark is needed to read it.
var verdictStyle = map[string]struct{ mark, ground string }{
	Holds:     {"✓", "#00664a"},
	Fails:     {"✗", "#a3330a"},
	Empirical: {"○", "#4a5560"},
}

// HTML is the table as an HTML element of its own.
func (t *ClaimTable) HTML() string {
	if len(t.Claims) == 0 {
		return errorHTML(t.Err())
	}
	var b strings.Builder
	b.WriteString(`<table style="border-collapse:collapse"><thead><tr>`)
	for c, h := range claimHeader {
		fmt.Fprintf(&b, `<th scope="col" style="%s">%s</th>`, cellStyle(c == 2), h)
	}
	b.WriteString("</tr></thead><tbody>\n")
	for _, c := range t.Claims {
		b.WriteString(c.htmlRow() + "\n")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}

// htmlRow is the claim as a row of a table; the error of a claim with one
// stands in place of its statement and numbers.
func (c Claim) htmlRow() string {
	statement, measured, right := html.EscapeString(c.Statement), "", ""
	if err := c.Err(); err != nil {
		statement = errorHTML(err)
	} else {
		measured, right = numberHTML(formatNumber(c.Measured, cellDigits)), powers(html.EscapeString(c.right()))
	}
	left, style, verdict := cellStyle(false), verdictStyle[c.Verdict()], c.Verdict()
	return fmt.Sprintf(`<tr><td style="%s">%s</td><td style="%s">%s</td><td style="%s">%s</td><td style="%s;white-space:nowrap">%s</td>`+
		`<td style="%s"><span style="background:%s;color:#fff;padding:0.1em 0.5em;border-radius:0.6em;white-space:nowrap">%s %s</span></td></tr>`,
		left, html.EscapeString(c.Item), left, statement, cellStyle(true), measured, left, right, left, style.ground, style.mark, verdict)
}

// powers sets every number of an escaped right-hand side as numberHTML does.
func powers(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		core := strings.Trim(w, "[],")
		if core != "" && strings.ContainsAny(core, "0123456789") {
			words[i] = strings.Replace(w, core, numberHTML(core), 1)
		}
	}
	return strings.Join(words, " ")
}

// SimpleRender is how the claims show in a notebook and how they leave it.
func (t *ClaimTable) SimpleRender() map[string]interface{} {
	return map[string]interface{}{
		HTMLMIME:   t.HTML(),
		TextMIME:   t.String(),
		ClaimsMIME: t.content(),
	}
}
