using System.Text.Json;

namespace Vms.Control.Events;

/// <summary>What JSON may say and PostgreSQL cannot store.</summary>
internal static class EventText
{
    /// <summary>Beyond it no number of an event is stored; PostgreSQL's own end is 131072 digits.</summary>
    private const int MaxNumberLength = 64;

    private const double LargestNumber = 1e300;
    private const double SmallestNumber = 1e-300;

    /// <summary>What events are found by, and how long it may be: the indexes of <c>control.event</c> hold as much.</summary>
    public static readonly IReadOnlyList<(string Name, int MaxLength)> Found = [("plate", 64), ("zone", 128), ("line", 128)];

    /// <summary>The first of <see cref="Found"/> that is a longer text; null: none.</summary>
    public static (string Name, int MaxLength)? TooLong(JsonElement data)
    {
        foreach (var (name, most) in Found)
        {
            if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString()!.Length > most)
                return (name, most);
        }

        return null;
    }

    public static bool IsStorable(string? text) => text is null || (!text.Contains('\0', StringComparison.Ordinal) && !HasLoneSurrogate(text));

    /// <summary>The same of all names, texts and numbers in it, however deep.</summary>
    public static bool IsStorable(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Object => value.EnumerateObject().All(property => IsStorable(property.Name) && IsStorable(property.Value)),
                JsonValueKind.Array => value.EnumerateArray().All(IsStorable),
                JsonValueKind.String => IsStorable(value.GetString()),
                JsonValueKind.Number => value.GetRawText().Length <= MaxNumberLength && IsStorable(value.GetRawText(), Math.Abs(value.GetDouble())),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;       // half of a character
        }
    }

    /// <summary>PostgreSQL refuses to compare what is not 0 and too small for a float8, and every search that meets it with it.</summary>
    private static bool IsStorable(string digits, double size) =>
        size is >= SmallestNumber and <= LargestNumber || (size == 0 && !digits.AsSpan(0, digits.AsSpan().IndexOfAny('e', 'E') is >= 0 and var end ? end : digits.Length).ContainsAnyInRange('1', '9'));

    private static bool HasLoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return true;
            i++;
        }

        return false;
    }
}
