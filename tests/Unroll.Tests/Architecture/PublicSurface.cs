using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Unroll.Tests.Architecture;

/// <summary>What another assembly can use, one line a type or member, sorted.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IReadOnlyList<string> Of(IEnumerable<Type> types) =>
        [.. types.SelectMany(Lines).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(Type type)
    {
        string name = Name(type, full: true);
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            yield return $"{name}: delegate {Parameters(invoke)} -> {Value(invoke.ReturnParameter)}";
            yield break;
        }
        yield return $"{name}: {Kind(type)}{Bases(type)}{Constraints(type.GetGenericArguments().Skip(type.DeclaringType?.GetGenericArguments().Length ?? 0))}";
        if (type.IsEnum)
        {
            foreach (string value in Enum.GetNames(type))
                yield return $"{name}.{value} = {Convert.ToInt64(Enum.Parse(type, value), CultureInfo.InvariantCulture)}";
            yield break;
        }
        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(Visible))
            yield return $"{name}.{(constructor.IsStatic ? "static " : "")}new{Parameters(constructor)}{Access(constructor)}";
        foreach (FieldInfo field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
            yield return $"{name}.{field.Name} -> {Value(field)}{(field.IsLiteral ? $" const = {Literal(field.GetRawConstantValue())}" : field.IsStatic ? " static" : "")}{(field.IsInitOnly ? " readonly" : "")}";
        foreach (EventInfo @event in type.GetEvents(Declared).Where(@event => Visible(@event.AddMethod)))
            yield return $"{name}.{@event.Name} event {Name(@event.EventHandlerType!)}";
        foreach (PropertyInfo property in type.GetProperties(Declared).Where(property => property.Name != "EqualityContract"))
        {
            if (!Visible(property.GetMethod) && !Visible(property.SetMethod)) continue;
            string accessors = (Visible(property.GetMethod) ? $"get{Access(property.GetMethod!)}; " : "") +
                (Visible(property.SetMethod) ? $"{(IsInit(property.SetMethod!) ? "init" : "set")}{Access(property.SetMethod!)}; " : "");
            string index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{string.Join(", ", parameters.Select(Parameter))}]" : "";
            string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? " required" : "";
            yield return $"{name}.{property.Name}{index} {{ {accessors}}} -> {Value(property)}{Modifiers(property.GetMethod ?? property.SetMethod!)}{required}";
        }
        foreach (MethodInfo method in type.GetMethods(Declared).Where(Visible))
        {
            bool accessor = method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);
            // A record's own Equals, ToString, Deconstruct and so on follow from the word record.
            if (accessor || method.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || method.Name is "<Clone>$") continue;
            string arguments = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
            yield return $"{name}.{method.Name}{arguments}{Parameters(method)} -> {Value(method.ReturnParameter)}{Modifiers(method)}{Access(method)}{Constraints(method.GetGenericArguments())}";
        }
    }

    private static bool Visible(MethodBase? method) => method is { } && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    private static string Access(MethodBase method) => method.IsPublic ? "" : " protected";

    private static string Modifiers(MethodInfo method) =>
        (method.IsStatic ? " static" : "") +
        (method.IsAbstract ? " abstract" : method.GetBaseDefinition() != method ? " override" : method is { IsVirtual: true, IsFinal: false } ? " virtual" : "");

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string Kind(Type type)
    {
        bool record = type.GetMethod("PrintMembers", Declared) is { } print && print.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
        string word = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class";
        if (record) word = type.IsValueType ? "record struct" : "record";
        string modifier = type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsInterface ? ""
            : type.IsAbstract ? "abstract " : type is { IsSealed: true, IsValueType: false } ? "sealed " : "";
        if (type.IsByRefLike) modifier += "ref ";
        if (type.IsValueType && type.IsDefined(typeof(IsReadOnlyAttribute))) modifier = "readonly " + modifier;
        return modifier + word;
    }

    private static string Bases(Type type)
    {
        if (type.IsEnum) return "";
        var bases = type.GetInterfaces().Where(face => face.IsVisible).Select(face => Name(face)).Order(StringComparer.Ordinal).ToList();
        if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object)) bases.Insert(0, Name(parent));
        return bases.Count == 0 ? "" : " : " + string.Join(", ", bases);
    }

    private static string Constraints(IEnumerable<Type> arguments) => string.Concat(arguments.Select(argument =>
    {
        if (!argument.IsGenericParameter) return "";
        GenericParameterAttributes attributes = argument.GenericParameterAttributes;
        var words = new List<string>();
        bool isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (isStruct) words.Add("struct");
        if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) words.Add("class");
        words.AddRange(argument.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(type => Name(type)).Order(StringComparer.Ordinal));
        if (!isStruct && attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) words.Add("new()");
        return words.Count == 0 ? "" : $" where {argument.Name} : {string.Join(", ", words)}";
    }));

    private static string Parameters(MethodBase method) =>
        "(" + (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + string.Join(", ", method.GetParameters().Select(Parameter)) + ")";

    private static string Parameter(ParameterInfo parameter)
    {
        bool isParams = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        return $"{(isParams ? "params " : "")}{Value(parameter)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {Literal(parameter.RawDefaultValue)}" : "")}";
    }

    private static string Value(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        string reference = !type.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn || parameter.IsDefined(typeof(IsReadOnlyAttribute)) ? "in " : "ref ";
        return reference + Name(type) + Mark(type, () => new NullabilityInfoContext().Create(parameter));
    }

    private static string Value(PropertyInfo property) => Name(property.PropertyType) + Mark(property.PropertyType, () => new NullabilityInfoContext().Create(property));

    private static string Value(FieldInfo field) => Name(field.FieldType) + Mark(field.FieldType, () => new NullabilityInfoContext().Create(field));

    private static string Mark(Type type, Func<NullabilityInfo> info) =>
        !type.IsByRef && !type.IsValueType && (info() is { } found && (found.ReadState == NullabilityState.Nullable || found.WriteState == NullabilityState.Nullable)) ? "?" : "";

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        Enum member => member.ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Name(Type type, bool full = false)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Name(underlying) + "?";
        if (type.IsGenericParameter) return type.Name;
        string? keyword = full ? null : Keyword(type);
        if (keyword is not null) return keyword;

        // A nested generic type carries the arguments of the types around it; each name takes its own.
        Type[] arguments = type.GetGenericArguments();
        string name = "";
        for (Type? part = type; part is not null; part = part.DeclaringType)
        {
            int outer = part.DeclaringType?.GetGenericArguments().Length ?? 0, own = part.GetGenericArguments().Length;
            string plain = part.Name.Split('`')[0];
            if (own > outer) plain += $"<{string.Join(", ", arguments[outer..own].Select(argument => Name(argument)))}>";
            name = name.Length == 0 ? plain : $"{plain}.{name}";
        }
        return full ? $"{type.Namespace}.{name}" : name;
    }

    private static string? Keyword(Type type) => type.FullName switch
    {
        "System.Void" => "void",
        "System.Object" => "object",
        "System.String" => "string",
        "System.Boolean" => "bool",
        "System.Char" => "char",
        "System.Byte" => "byte",
        "System.SByte" => "sbyte",
        "System.Int16" => "short",
        "System.UInt16" => "ushort",
        "System.Int32" => "int",
        "System.UInt32" => "uint",
        "System.Int64" => "long",
        "System.UInt64" => "ulong",
        "System.Single" => "float",
        "System.Double" => "double",
        _ => null,
    };
}
