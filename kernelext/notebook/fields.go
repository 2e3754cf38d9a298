package notebook

import (
	"encoding/json"
	"fmt"
	"strings"
)

// fields takes the known fields out of a JSON object, one by one, and keeps
// the first error; rest is what nobody took.
type fields struct {
	m     map[string]any
	where string
	taken map[string]bool
	err   error
}

func (f *fields) take(key string) (any, bool) {
	if f.taken == nil {
		f.taken = map[string]bool{}
	}
	f.taken[key] = true
	v, ok := f.m[key]
	return v, ok
}

func (f *fields) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf("%s: %s", f.where, fmt.Sprintf(format, args...))
	}
}

// text takes a string.
func (f *fields) text(key string, required bool) string {
	v, ok := f.take(key)
	if !ok {
		if required {
			f.fail("%q is missing", key)
		}
		return ""
	}
	s, ok := v.(string)
	if !ok {
		f.fail("%q is not text", key)
	}
	return s
}

// lines takes a text that may be stored as a list of lines.
func (f *fields) lines(key string, required bool) string {
	v, ok := f.take(key)
	if !ok {
		if required {
			f.fail("%q is missing", key)
		}
		return ""
	}
	s, ok := joined(v)
	if !ok {
		f.fail("%q is neither text nor a list of lines", key)
	}
	return s
}

// object takes an object; an absent one is empty.
func (f *fields) object(key string) map[string]any {
	v, ok := f.take(key)
	if !ok {
		return map[string]any{}
	}
	m, ok := v.(map[string]any)
	if !ok {
		f.fail("%q is not an object", key)
		return map[string]any{}
	}
	return m
}

// list takes a list.
func (f *fields) list(key string, required bool) []any {
	v, ok := f.take(key)
	if !ok {
		if required {
			f.fail("%q is missing", key)
		}
		return nil
	}
	l, ok := v.([]any)
	if !ok {
		f.fail("%q is not a list", key)
	}
	return l
}

// count takes an execution count: null or absent is 0.
func (f *fields) count(key string) int {
	v, ok := f.take(key)
	if !ok || v == nil {
		return 0
	}
	n, ok := intOf(v)
	if !ok || n < 0 {
		f.fail("%q is neither null nor a count", key)
		return 0
	}
	return n
}

func (f *fields) rest() map[string]any {
	var extra map[string]any
	for k, v := range f.m {
		if f.taken[k] {
			continue
		}
		if extra == nil {
			extra = map[string]any{}
		}
		extra[k] = v
	}
	return extra
}

func joined(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []any:
		var b strings.Builder
		for _, l := range v {
			s, ok := l.(string)
			if !ok {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return "", false
}

func intOf(v any) (int, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return int(i), err == nil
}
