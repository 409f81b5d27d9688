using Vms.Ai.Detectors;

namespace Vms.Ai.Models.Plates;

/// <summary>
/// What a vehicle's plate is, after several looks at it: each place goes to the character that was read there most surely and most often, among readings of the length
/// that has the most behind it. One caller at a time.
/// </summary>
internal sealed class PlateVote(string country)
{
    /// <summary>More looks do not make it surer; the least sure one gives way.</summary>
    internal const int MostReadings = 24;

    private readonly PlateFormat _format = PlateFormat.Of(country);
    private readonly List<PlateReading> _readings = [];

    internal int Count => _readings.Count;

    internal void Add(PlateReading reading)
    {
        _readings.Add(reading);
        if (_readings.Count > MostReadings)
            _readings.Remove(_readings.MinBy(r => r.Confidence)!);
    }

    /// <summary>The best answer so far, with the box of the surest look that agrees most; null before the first reading. How sure it is falls with every look that says something else.</summary>
    internal PlateReading? Best()
    {
        if (_readings.Count == 0)
            return null;
        var sameLength = _readings.GroupBy(r => r.Text.Length).OrderByDescending(g => g.Sum(r => r.Confidence)).ThenByDescending(g => g.Key).First().ToList();
        var text = string.Create(sameLength[0].Text.Length, sameLength, static (characters, readings) =>
        {
            for (int i = 0; i < characters.Length; i++)
                characters[i] = readings.GroupBy(r => r.Text[i]).OrderByDescending(g => g.Sum(r => r.Confidence)).ThenBy(g => g.Key).First().Key;
        });
        // What is put together of several may be no plate: then one that was read as a whole is better.
        var whole = sameLength.OrderByDescending(r => r.Text == text).ThenByDescending(r => r.Confidence).First();
        if (_format.Read(text) != text)
            text = whole.Text;
        float all = _readings.Sum(r => r.Confidence), agreeing = _readings.Sum(r => r.Confidence * Agreement(r.Text, text));
        return whole with { Text = text, Confidence = whole.Confidence * (all > 0 ? agreeing / all : 0) };
    }

    private static float Agreement(string read, string text)
    {
        if (read.Length != text.Length)
            return 0;
        int same = 0;
        for (int i = 0; i < text.Length; i++)
            same += read[i] == text[i] ? 1 : 0;
        return (float)same / text.Length;
    }
}
