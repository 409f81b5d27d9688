using System.Text.Json;
using System.Text.RegularExpressions;
using NCalc;
using Vms.Control.Features.Events;

namespace Vms.Control.Features.Rules;

/// <summary>
/// A condition over an event's fields, as <c>confidence &gt; 0.9 and data.direction == 'in'</c>. Bounded in length and depth; there are no functions, and nothing
/// but the event that it could reach. A field that the event does not have is null, and compares with nothing. One caller at a time.
/// </summary>
internal sealed partial class RuleExpression
{
    private const int MaxLength = 500;
    private const int MaxDepth = 16;
    private const string DataPrefix = "data.";

    private static readonly Dictionary<string, Func<EventView, object?>> s_fields = new(StringComparer.Ordinal)
    {
        ["type"] = e => e.Type,
        ["cameraId"] = e => e.CameraId,
        ["cameraName"] = e => e.CameraName,
        ["siteId"] = e => e.SiteId,
        ["siteName"] = e => e.SiteName,
        ["source"] = e => e.Source,
        ["class"] = e => e.Class,
        ["confidence"] = e => e.Confidence,
        ["zone"] = e => e.Zone,
        ["line"] = e => e.Line,
        ["plate"] = e => e.Plate,
    };

    private static readonly string[] s_words = ["and", "or", "not", "in", "like", "true", "false"];

    private readonly Expression _expression;
    private readonly (string Name, Func<EventView, object?> Read)[] _fields;

    private RuleExpression(Expression expression, IEnumerable<string> names)
    {
        _expression = expression;
        _fields = [.. names.Select(n => (n, n.StartsWith(DataPrefix, StringComparison.Ordinal) ? e => ValueOf(e.Data, n[DataPrefix.Length..]) : s_fields[n]))];
    }

    /// <param name="problem">Why it is none; null when it is.</param>
    public static RuleExpression? TryParse(string text, out string? problem)
    {
        if (text.Length > MaxLength)
        {
            problem = $"Use at most {MaxLength} characters";
            return null;
        }

        // What is not one of these tokens could be a function, a date or a factorial: nothing that a rule needs, and some of it is slow.
        var depth = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        var end = 0;
        var rewritten = new System.Text.StringBuilder();
        foreach (Match token in Token().Matches(text))
        {
            if (token.Index != end)
                break;
            end = token.Index + token.Length;
            var word = token.Value;
            depth += word == "(" ? 1 : word == ")" ? -1 : 0;
            if (depth is < 0 or > MaxDepth)
            {
                problem = $"Use brackets in pairs, at most {MaxDepth} in each other";
                return null;
            }

            if (token.Groups["name"].Success && !s_words.Contains(word))
            {
                if (!s_fields.ContainsKey(word) && !word.StartsWith(DataPrefix, StringComparison.Ordinal))
                {
                    problem = $"An event has no field '{word}'; there are {string.Join(", ", s_fields.Keys)} and data.NAME";
                    return null;
                }

                names.Add(word);
                word = $"[{word}]";
            }

            rewritten.Append(word);
        }

        if (end != text.Length)
        {
            problem = $"'{text[end]}' cannot stand there: use fields, numbers, 'texts', comparisons, and, or, not, in, like";
            return null;
        }

        var expression = new Expression(
            rewritten.ToString(), ExpressionOptions.NoCache | ExpressionOptions.AllowNullParameter | ExpressionOptions.OrdinalStringComparer | ExpressionOptions.AllowBooleanCalculation);
        if (string.IsNullOrWhiteSpace(text) || expression.HasErrors(CancellationToken.None))
        {
            problem = "It cannot be read: use comparisons as data.count > 3 and zone == 'Yard'";
            return null;
        }

        problem = null;
        return new RuleExpression(expression, names);
    }

    /// <summary>What cannot be worked out for an event, as a text that is compared with a number, is not true of it.</summary>
    public bool IsTrue(EventView happened)
    {
        foreach (var (name, read) in _fields)
            _expression.Parameters[name] = read(happened);
        try
        {
            return _expression.Evaluate(CancellationToken.None) is true;
        }
        catch (Exception e) when (e is NCalc.Exceptions.NCalcException or FormatException or InvalidCastException or ArithmeticException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    private static object? ValueOf(JsonElement data, string name) => data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        }
        : null;

    [GeneratedRegex("""(?<space>\s+)|(?<text>'[^'\\]*')|(?<number>\d+(\.\d+)?(?![\w.]))|(?<name>[A-Za-z_]\w*(\.[A-Za-z_]\w*)?(?!\w*\s*[.(])|(and|or|not|in|like)(?=\s*\())|(?<mark>==|!=|<>|<=|>=|&&|\|\||[<>=+\-*/%(),])""")]
    private static partial Regex Token();
}
