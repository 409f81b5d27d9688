using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Onvif;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>Why a device was not added, told apart as far as somebody can do something about it.</summary>
internal static class DeviceProblems
{
    public static ProblemHttpResult Of(OnvifFailure failure) => failure.Kind switch
    {
        OnvifFailureKind.BadCredentials or OnvifFailureKind.OnlyBasicInClear => BadCredentials(failure.Detail),
        OnvifFailureKind.Unreachable or OnvifFailureKind.TimedOut => Unreachable(failure.Detail),
        _ => Problems.Of(StatusCodes.Status400BadRequest, "notOnvif", "The device does not answer as an ONVIF camera", failure.Detail),
    };

    public static ProblemHttpResult Of(DeviceException failure) => failure.Failure switch
    {
        DeviceFailure.BadCredentials or DeviceFailure.BasicInClear => BadCredentials(failure.Message),
        DeviceFailure.Unreachable => Unreachable(failure.Message),
        _ => Problems.Of(StatusCodes.Status400BadRequest, "notRecorder", "The device does not answer as a recorder", failure.Message),
    };

    public static ProblemHttpResult BadCredentials(string detail) =>
        Problems.Of(StatusCodes.Status400BadRequest, "badCredentials", "The device refuses the user name or password", detail);

    public static ProblemHttpResult Unreachable(string detail) =>
        Problems.Of(StatusCodes.Status400BadRequest, "unreachable", "The device cannot be reached", detail);

    public static ProblemHttpResult NoVideo() =>
        Problems.Of(StatusCodes.Status400BadRequest, "notOnvif", "The device has no video", "It speaks ONVIF and tells of no stream.");

    /// <summary>The stable code of a problem document.</summary>
    public static string CodeOf(ProblemHttpResult problem) => problem.ProblemDetails.Extensions["code"] as string ?? "";
}
