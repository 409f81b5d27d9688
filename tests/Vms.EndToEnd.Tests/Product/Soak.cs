namespace Vms.EndToEnd.Tests.Product;

/// <summary>Short by default, as long as the promise with <c>./dev soak</c>.</summary>
public static class Soak
{
    public static bool IsOn => Environment.GetEnvironmentVariable("VMS_SOAK") == "1";

    public static TimeSpan Length(int seconds, int soakSeconds) => TimeSpan.FromSeconds(IsOn ? soakSeconds : seconds);

    /// <summary>Prints a line that <c>./dev test</c> shows in its summary.</summary>
    public static void Measured(string text) => TestContext.Current.TestOutputHelper?.WriteLine($"measured: {text}");

    /// <summary>Lets the product run for a while: the time is what is tested, not waited out.</summary>
    public static async Task RunForAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }
}
