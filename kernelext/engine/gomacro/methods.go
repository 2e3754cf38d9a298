package gomacro

import (
	"fmt"
	"reflect"

	"github.com/cosmos72/gomacro/xreflect"
)

// mimeOf are the rendering methods that a type declared in a cell may have,
// besides String and Error.
var mimeOf = map[string]string{
	"HTML": "text/html", "SVG": "image/svg+xml", "Markdown": "text/markdown", "Latex": "text/latex",
	"PNG": "image/png", "JPEG": "image/jpeg", "JavaScript": "application/javascript",
	"String": "text/plain", "Error": "text/plain",
}

// interpreted is a value with the content of its rendering methods.
type interpreted map[string]interface{}

// SimpleRender makes show.Render take the content.
func (m interpreted) SimpleRender() map[string]interface{} { return m }

// withMethods is x or, when its type was declared in a cell and has rendering
// methods that compiled code cannot see, what they return.
func (s *session) withMethods(x any, t xreflect.Type) any {
	named := t
	if t.Kind() == xreflect.Ptr {
		named = t.Elem()
	}
	if named.PkgPath() != "main" || named.Name() == "" || named.Kind() == xreflect.Interface {
		return x
	}
	content := interpreted{}
	for i := range named.NumMethod() {
		m := named.Method(i)
		mime, ok := mimeOf[m.Name]
		if !ok || m.Funs == nil || m.Index >= len(*m.Funs) {
			continue
		}
		if out, ok := callMethod((*m.Funs)[m.Index], reflect.ValueOf(x)); ok {
			content[mime] = out
		}
	}
	if len(content) == 0 {
		return x
	}
	if content["text/plain"] == nil {
		content["text/plain"] = fmt.Sprint(x)
	}
	return content
}

// callMethod calls a method without arguments on receiver or on what it
// points to.
func callMethod(fun, receiver reflect.Value) (any, bool) {
	if fun.Kind() != reflect.Func || fun.Type().NumIn() != 1 || fun.Type().NumOut() != 1 {
		return nil, false
	}
	switch want := fun.Type().In(0); {
	case receiver.Type() == want:
	case receiver.Kind() == reflect.Pointer && receiver.Type().Elem() == want:
		receiver = receiver.Elem()
	default:
		return nil, false
	}
	switch out := fun.Call([]reflect.Value{receiver})[0].Interface().(type) {
	case string, []byte:
		return out, true
	}
	return nil, false
}
