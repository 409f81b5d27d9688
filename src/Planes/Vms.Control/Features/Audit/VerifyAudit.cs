using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Audit;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.Features.Audit;

/// <summary>POST /api/audit/verify, and /local/audit/verify on control's local socket: <c>vms audit verify</c> asks whether the audit log is what was written. There is one chain for all
/// tenants, and findings show entries of it: that is for whoever looks after the installation.</summary>
internal static class VerifyAudit
{
    private static readonly AuthorizationPolicy s_localSocket =
        new AuthorizationPolicyBuilder().RequireAssertion(c => c.Resource is HttpContext http && http.IsLocalSocket()).Build();

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/local/audit/verify", HandleLocalAsync).RequireAuthorization(s_localSocket).ExcludeFromDescription();
        app.MapPost("/api/audit/verify", HandleAsync).WithName(nameof(VerifyAudit)).WithTags("Audit")
            .WithSummary("Read the whole audit log and say whether it is what was written. It takes a while.").Needs(Permissions.SystemRead, Scope.Tenant)
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(409).ProducesProblem(503);
    }

    private static Task<AuditVerdict> HandleLocalAsync(AuditVerification verification, CancellationToken cancellationToken) => verification.RunAsync(cancellationToken);

    private static async Task<Results<Ok<AuditVerdict>, ForbidHttpResult, ProblemHttpResult>> HandleAsync(
        HttpContext context, AuditVerification verification, CancellationToken cancellationToken)
    {
        if (!Caller.Of(context).Rights.AllowsTenant(Permissions.AuditRead))
            return TypedResults.Forbid();
        return await verification.RunAloneAsync(cancellationToken) is { } verdict
            ? TypedResults.Ok(verdict)
            : Problems.Of(StatusCodes.Status409Conflict, "verificationGoesOn", "The audit log is being verified already", "Ask again when that is over.");
    }
}
