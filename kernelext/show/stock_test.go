package show

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

// stockRender does what gophernotes v0.7.5 does with a cell's value: it calls
// every method that it knows and merges what they give. A value without any
// of them shows as text.
func stockRender(v any) map[string]any {
	data := map[string]any{}
	if r, ok := v.(interface{ Render() bundle }); ok {
		for k, c := range r.Render().Data {
			data[k] = c
		}
	}
	if r, ok := v.(interface{ SimpleRender() map[string]interface{} }); ok {
		for k, c := range r.SimpleRender() {
			data[k] = c
		}
	}
	for _, m := range methods {
		if c := m.call(v); c != nil {
			data[m.mime] = c
		}
	}
	return data
}

// shown is every kind of value that the package gives a cell, right and wrong.
func shown(t *testing.T) map[string]any {
	values := map[string]any{
		"claims":      Claims(Claim{Statement: "s", Measured: math.NaN(), Relation: "<"}),
		"no claims":   Claims(),
		"wrong claim": Claims(Claim{}),
		"table":       Table{Header: []string{"a"}, Rows: [][]any{{math.Inf(1)}}},
		"no table":    Table{},
		"lines":       fiveCurves(),
		"no lines":    Lines{},
		"surface":     twoWells(),
		"no surface":  Surface{},
		"map":         Heatmap{Data: holes()},
		"no map":      Heatmap{},
		"frames":      twoFrames(t),
		"no frames":   Frames{},
		"no curves":   Curves(),
		"no figure":   (*Figure)(nil),
	}
	for name, f := range figures(t) {
		values["figure "+name] = f
	}
	return values
}

// TestStockKernel: in an unmodified gophernotes every value has text, every
// content is one that nbformat accepts (null is not), and types and texts
// are the same as in our kernel.
func TestStockKernel(t *testing.T) {
	for name, v := range shown(t) {
		stock, ours := stockRender(v), Render(v).MIME
		if text, _ := stock[TextMIME].(string); strings.TrimSpace(text) == "" {
			t.Errorf("%s: no text in the stock kernel: %v", name, stock[TextMIME])
		}
		for mime := range ours {
			if stock[mime] == nil {
				t.Errorf("%s: the stock kernel does not show %s", name, mime)
			}
		}
		for _, mime := range []string{TextMIME, HTMLMIME} {
			if stock[mime] != ours[mime] {
				t.Errorf("%s: %s differs:\n%v\n%v", name, mime, stock[mime], ours[mime])
			}
		}
		b, err := json.Marshal(stock)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var back map[string]any
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		for mime, content := range back {
			_, text := content.(string)
			if !text && !strings.HasSuffix(mime, "json") || content == nil {
				t.Errorf("%s: content of %s is %T", name, mime, content)
			}
		}
	}
}

// FuzzParseClaims: no input makes the parser panic, and what it accepts comes
// back the same when it is written and read again.
func FuzzParseClaims(f *testing.F) {
	for _, seed := range []string{
		`[{"item":"[L] Fig 2a","statement":"s","measured":3e-21,"relation":"<","bound":1e-20,"verdict":"holds","seed":1}]`,
		`[{"statement":"s","measured":"NaN","relation":"∈","bound":["-Inf",2],"verdict":"fails"}]`,
		`[{"statement":"s","measured":1,"relation":"=","bound":2,"tolerance":3,"verdict":"empirical","seed":18446744073709551615}]`,
		`[null]`, `[]`, `{`, `[{"bound":{}}]`, `null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		claims, err := ParseClaims(b)
		if err != nil {
			return
		}
		written, err := json.Marshal(claims)
		if err != nil {
			t.Fatalf("accepted %q, but it does not encode: %v", b, err)
		}
		again, err := ParseClaims(written)
		if err != nil {
			t.Fatalf("accepted %q, but not %q: %v", b, written, err)
		}
		for i := range claims {
			a, err1 := claims[i].MarshalJSON()
			b, err2 := again[i].MarshalJSON()
			if err1 != nil || err2 != nil || !slices.Equal(a, b) {
				t.Fatalf("%s came back as %s", a, b)
			}
		}
	})
}
