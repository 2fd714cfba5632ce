/** The file of a bill of materials, beside the folder of what was deployed. */
export const billName = 'sbom.cdx.json';
