using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Devices.Http;
using Vms.Hosting;

namespace Vms.Control.Features.Nvrs;

internal static class NvrProblems
{
    public const int MaxNameLength = 64;

    public static ProblemHttpResult NotFound() => Problems.NotFound("nvrNotFound", "There is no such recorder");

    public static ProblemHttpResult ChannelNotFound() => Problems.NotFound("channelNotFound", "The recorder has no such channel");

    /// <summary>A recorder that is known, and does not do what it is asked for.</summary>
    public static ProblemHttpResult Of(DeviceException failure) => failure.Failure switch
    {
        DeviceFailure.BadCredentials or DeviceFailure.BasicInClear => Problems.Of(
            StatusCodes.Status502BadGateway, "badCredentials", "The device refuses the user name or password", failure.Message),
        DeviceFailure.Unreachable => Problems.Of(StatusCodes.Status502BadGateway, "deviceUnreachable", "The device cannot be reached", failure.Message),
        DeviceFailure.NotSupported => Problems.Of(StatusCodes.Status409Conflict, "notSupportedByDevice", "The device cannot do this", failure.Message),
        _ => Problems.Of(StatusCodes.Status502BadGateway, "deviceRefused", "The device did not do what it was asked for", failure.Message),
    };

    public static string? CheckName(string? name, List<FieldProblem> problems)
    {
        var text = name?.Trim();
        if (text is { Length: > MaxNameLength } || text?.Any(char.IsControl) == true)
            problems.Add(new FieldProblem("name", "tooLong", $"Use at most {MaxNameLength} printable characters"));
        return text;
    }
}
