using Vms.Hosting;

namespace Vms.Control.Features.Ptz;

/// <summary>What numbers a camera is moved by.</summary>
internal static class PtzRules
{
    /// <summary>Absent is none; something has to be there.</summary>
    public static void Check(List<FieldProblem> problems, double min, double max, params ReadOnlySpan<(string Field, double? Value)> numbers)
    {
        bool isAny = false;
        foreach (var (field, value) in numbers)
        {
            isAny |= value is not null;
            if (value is { } number && !(number >= min && number <= max))
                problems.Add(new FieldProblem(field, "outOfRange", $"Use {min:0} to {max:0}"));
        }

        if (!isAny)
            problems.Add(new FieldProblem(numbers[0].Field, "required", "Say in which direction"));
    }
}
