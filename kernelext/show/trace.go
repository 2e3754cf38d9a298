package show

import lr "github.com/lowrankgo/lowrank/lowrankgo"

// traceContent is how a trace shows: as its summary.
func traceContent(t *lr.Trace) map[string]any {
	return map[string]any{TextMIME: t.String()}
}
